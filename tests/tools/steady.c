/* steady: preloaded into a demo program, it makes the random choices of a picture the same in each run and stops what moves
 * by itself, so that two screenshots of it can be compared. */
#include <dlfcn.h>
#include <stdlib.h>

void srandom(unsigned seed)
{
	void (*next)(unsigned) = (void (*)(unsigned))dlsym(RTLD_NEXT, "srandom");
	next(1);
}

/* GTK 3's widget factory calls it from a timer, for ever. */
void gtk_progress_bar_pulse(void *bar);

void gtk_progress_bar_pulse(void *bar)
{
}

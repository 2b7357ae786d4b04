/* steady: preloaded into a demo program, it makes the random choices of a picture the same in each run, so that two
 * screenshots of it can be compared. */
#include <dlfcn.h>
#include <stdlib.h>

void srandom(unsigned seed)
{
	void (*next)(unsigned) = (void (*)(unsigned))dlsym(RTLD_NEXT, "srandom");
	next(1);
}

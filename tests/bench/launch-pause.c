/* Keeps a container running. Static, so that it runs anywhere. */
#include <unistd.h>

int main(void)
{
	for (;;)
		pause();
}

/* The application of the launcher's benchmark: says when its main() was reached. Static, so that it runs anywhere. */
#include <stdio.h>
#include <time.h>

int main(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	printf("main %lld\n", (long long)now.tv_sec * 1000000000 + now.tv_nsec);
	return 0;
}

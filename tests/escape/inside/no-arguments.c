/* no-arguments PROGRAM: executes it with an argument list that is empty. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char *none[] = {NULL};
	extern char **environ;
	if (argc != 2)
		return 2;
	alarm(10);
	execve(argv[1], none, environ);
	perror(argv[1]);
	return 2;
}

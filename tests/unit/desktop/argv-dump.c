/* argv-dump FILE [ARGUMENT…]: writes the arguments into FILE, a NUL after each. */
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
	FILE *file = argc > 1 ? fopen(argv[1], "w") : NULL;
	for (int i = 2; file && i < argc; i++)
		fwrite(argv[i], 1, strlen(argv[i]) + 1, file);
	return file && fclose(file) == 0 ? 0 : 1;
}

/* Without libFuzzer: runs every file of the folders that are named, so that a fault that was found once stays fixed. */
#include "must.h"

#include <dirent.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned run_file(const char *folder, const char *name)
{
	static uint8_t data[1 << 20];
	char path[4096];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *file = fopen(path, "re");
	MUST(file);
	size_t size = fread(data, 1, sizeof data, file);
	fclose(file);
	LLVMFuzzerTestOneInput(data, size);
	return 1;
}

int main(int argc, char *argv[])
{
	unsigned n = 0;
	for (int i = 1; i < argc; i++) {
		DIR *folder = opendir(argv[i]);
		MUST(folder);
		for (struct dirent *entry; (entry = readdir(folder));)
			if (entry->d_name[0] != '.')
				n += run_file(argv[i], entry->d_name);
		closedir(folder);
	}
	printf("%u inputs\n", n);
	MUST(n > 0);
	return 0;
}

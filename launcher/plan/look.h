/* Folders of the home with fonts, icons and themes: host_gather() looks them up. Ends with a row without a source. */
#pragma once

struct look_folder {
	const char *source; // below the home
	const char *dest;   // below PLAN_LOOK_DIR: share/ or dot/, which are data directories, and the kind
};

extern const struct look_folder look_folders[];

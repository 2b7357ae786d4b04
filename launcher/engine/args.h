/* The argument list of a program that is about to be started, and the descriptors that it names, which it owns: an error
 * on the way leaves none open. */
#pragma once

#include <glib.h>

struct args {
	GPtrArray *words; // char *, owned
	GArray *fds;	  // int, owned
};

void args_init(struct args *args);
void args_clear(struct args *args);
#define autoargs __attribute__((cleanup(args_clear))) struct args

void args_add(struct args *args, const char *word);
void args_add_all(struct args *args, ...) G_GNUC_NULL_TERMINATED;

/* Takes fd over, and adds its number as a word. */
void args_add_fd(struct args *args, int fd);
/* The same, as one word with an option: "--fd=7". */
void args_add_fd_option(struct args *args, const char *option, int fd);
/* Takes fd over without a word. */
void args_own_fd(struct args *args, int fd);

/* A sealed memory file with these words, each with its NUL: for programs that read arguments from a descriptor, so that none
 * of them can be taken for an option of the outer list and none shows in the process list. -1 with an error. */
int args_to_memory(const struct args *args, GError **error);

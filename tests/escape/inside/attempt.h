/* One system call that a container must not get through, tried in a process of its own, by each way into the kernel. */
#pragma once

#include <stdbool.h>

enum abi { ABI_NATIVE, ABI_I386, ABI_X32, N_ABIS };

/* Memory at an address that fits in 32 bits, so that all ABIs can be given it. The page is zero but for the texts. */
enum {
	SCRATCH = 0x10000000,
	SCRATCH_SIZE = 0x4000,
	SCRATCH_TEXT = SCRATCH + 0x2000, // "x"
	SCRATCH_WORDS = SCRATCH + 0x3000,
	BAD_POINTER = 1,
	ATTEMPT_ARGS = 5,
};

enum { NO_NUMBER = -1 };

/* The arguments are such that the kernel, without a filter, gives anything but the answers in expected: else the test
 * could not fail. Any of them is right: numbers of errno, 0 at the end. */
struct attempt {
	const char *name;
	int number, number_i386;
	long args[ATTEMPT_ARGS];
	int expected[3];
	int number_x32; // where it is not the native one
	bool words;	// the first ATTEMPT_ARGS - 1 arguments lie at SCRATCH_WORDS, as 32-bit words: i386's socketcall
	bool own_memory; // a success starts a process as fork() does
};

/* Tries all, and prints for each ABI and attempt: ABI, name, what is expected, what came, separated by tabs. What came is
 * "success", the name of an error, or "signal N". An ABI that the kernel does not have is left out. */
void attempt_all(const struct attempt *attempts, int n);

/* Whether the kernel has this ABI, as far as it can be told from here. */
bool attempt_has(enum abi abi);

#pragma once

#include "program.h"

/* Runs the compositor; does not return. */
void stub_run(const char *path, const struct stub_options *options, int ready_fd);

/* Match rules of D-Bus, in which a program says what it wants to hear: "type='signal',sender='org.gnome.TextEditor'". */
#pragma once

#include "names.h"

/* Writes the rule to out, which has room for NAMES_GROWTH more, with the project's names for those that it names: of a sender,
 * and of whom the bus is to tell. Returns its length; 0 when it stays as it is, which is true of everything that is written in
 * an unusual way: whoever parses it next decides. */
size_t match_rewrite(const struct names *names, const char *rule, size_t length, char *out);

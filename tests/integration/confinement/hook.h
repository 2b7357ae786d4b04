/* What a proxy that has been taken over would try. Each is a line on stderr: "attack NAME: success", or an errno's name. */
#pragma once

/* name: of one attack, or "all". */
void attack_run(const char *name);
/* A descriptor that a client sent. */
void attack_map(int fd);

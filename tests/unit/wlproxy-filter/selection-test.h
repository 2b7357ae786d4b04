/* A client with a keyboard, a surface and a device of each selection, for the tests of selections and drags. */
#pragma once

#include "filter-test.h"

enum { SEAT = 3, DATA_MANAGER, PRIMARY_MANAGER, COMPOSITOR, KEYBOARD, SURFACE, DATA_DEVICE, PRIMARY_DEVICE, SOURCE };
enum { FIRST_SERVER_ID = 0xff000000u };

struct ends *selection_test_connect(struct filter_test *t);

/* The keyboard enters or leaves; a key is pressed: all with this serial. Events that come before are left. */
void selection_test_enter(struct ends *ends, uint32_t serial);
void selection_test_leave(struct ends *ends, uint32_t serial);
void selection_test_press(struct ends *ends, uint32_t serial);

/* The compositor sends an offer of text/plain and text/html with this id. */
void selection_test_offer(struct ends *ends, uint32_t device, uint32_t id);
/* The client gets such an offer. */
void selection_test_expect_offer(struct ends *ends, uint32_t device, uint32_t id);

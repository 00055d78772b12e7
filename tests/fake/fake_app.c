/* SPDX-License-Identifier: MIT */
/* fake_app.c - the application of a test that brings none: it adds nothing. */
#include "app.h"

const struct app app = {0};

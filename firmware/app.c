/* SPDX-License-Identifier: MIT */
/* app.c - the application of an image that has none. */
#include "app.h"

__attribute__((weak)) const struct app app = {0};

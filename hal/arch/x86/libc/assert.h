/* SPDX-License-Identifier: MIT */
/*
 * assert.h - compile-time assertions (C11, 7.2); there are none at run time.
 */
#ifndef ASSERT_H
#define ASSERT_H

#define static_assert _Static_assert

#endif

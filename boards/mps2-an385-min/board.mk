# SPDX-License-Identifier: MIT
# The smallest image there is: sync, sync-delimited, ping, info and shutdown on mps2-an385.

include boards/mps2-an385/board.mk

BORROWED := boards/mps2-an385/board.c
PROTO     = $(PROTO_TINY)
FIRMWARE := firmware/main.c firmware/env/small.c
RECORD   :=
DEFINES  := -DARCH_WITH_RECORD=0 -DQGA_TINY=1 -DQGA_WITH_TIME=0 -DQGA_WITH_LINE=0 -DQGA_WITH_OWN=0 -DQGA_NESTING_MAX=31 -DQGA_NAME_MAX=24 -DQGA_STEP_MAX=128 \
           -DQGA_ARGS_MAX=1 -DBOARD_IDLE_MAX=0 -DBOARD_RAM_MAX=1 -DFIRMWARE_REQUEST_SIZE=512 -DFIRMWARE_TOKENS=16 -DUART_RX_SIZE=16 -DUART_TX_SIZE=16

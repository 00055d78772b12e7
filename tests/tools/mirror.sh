#!/bin/sh
# SPDX-License-Identifier: MIT
# mirror.sh [security] - where this machine's apt gets Debian, or its security archive, from: "CODENAME ADDRESS".
# Says nothing where apt knows none.
apt-get indextargets --format '$(ORIGIN) $(CODENAME) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
	sed -n 's/^Debian \([a-z]*'"${1:+-$1}"' \)/\1/p' | head -n 1

#!/bin/bash -eu
# SPDX-License-Identifier: MIT
# build.sh - builds the fuzzers of tests/fuzz as OSS-Fuzz wants them: run in the checkout, with its CC, CFLAGS,
# LIB_FUZZING_ENGINE, FUZZING_ENGINE, SRC, WORK and OUT. What they are made of is what `make fuzz` makes them of.

flags="-std=gnu11 -g -DMMIO_TEST -D_GNU_SOURCE -Iinclude -Iproto -I$SRC/jsmn -Ihal -Iboards -Ifirmware -Itests/fake"
list() { make -s "print-$1"; }

# objects FOLDER FLAGS SOURCE... - compiles each into FOLDER.
objects() {
	local folder=$1 more=$2 source
	shift 2
	for source; do
		mkdir -p "$folder/$(dirname "$source")"
		$CC $CFLAGS $flags $more -c -o "$folder/$source.o" "$source"
	done
}

# program NAME OBJECT... - links it, and puts its seeds and words beside it.
program() {
	local name=$1
	shift
	$CC $CFLAGS $LIB_FUZZING_ENGINE -o "$OUT/fuzz_$name" "$@"
	cp tests/fuzz/json.dict "$OUT/fuzz_$name.dict"
	if [ -d "tests/fuzz/seeds/$name" ]; then
		python3 -m zipfile -c "$OUT/fuzz_${name}_seed_corpus.zip" "tests/fuzz/seeds/$name"/*
	fi
}

all=$WORK/all
objects "$all" "" $(list HERE)
rm -f "$WORK/all.a"
ar rcs "$WORK/all.a" $(find "$all" -name '*.o')
for source in tests/fuzz/fuzz_*.c; do
	name=$(basename "$source" .c)
	name=${name#fuzz_}
	case $name in
	tiny)
		objects "$WORK/tiny" "$(list TINY)" "$source" $(list PROTO_TINY)
		program tiny $(find "$WORK/tiny" -name '*.o')
		;;
	race)
		# It is told of each load, in a way that libFuzzer alone leaves to it.
		[ "$FUZZING_ENGINE" = libfuzzer ] || continue
		objects "$WORK/race" "-O0 -fsanitize-coverage=trace-loads" $(list PROTO_ALL)
		objects "$WORK/race" "" "$source"
		program race $(find "$WORK/race" -name '*.o')
		;;
	*)
		objects "$WORK/own" "" "$source"
		program "$name" "$WORK/own/$source.o" "$WORK/all.a"
		;;
	esac
done

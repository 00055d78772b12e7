/* SPDX-License-Identifier: MIT */
/* play.c - main() of a fuzz target without libFuzzer: plays each file that it is given, once. */
#include <stdio.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int play(const char *name)
{
	FILE *file = fopen(name, "rb");
	size_t size;
	uint8_t *data;

	if (!file)
		return perror(name), 1;
	fseek(file, 0, SEEK_END);
	size = (size_t)ftell(file);
	rewind(file);
	/* Of its size, not more: whoever reads behind it is seen by valgrind. */
	data = malloc(size ? size : 1);
	if (!data || fread(data, 1, size, file) != size)
		return perror(name), 1;
	fclose(file);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	return 0;
}

int main(int argc, char **argv)
{
	int failed = 0;

	for (int i = 1; i < argc; i++)
		failed |= play(argv[i]);
	return failed;
}

#include "command.h"
int cmd_shell(struct context *c, const struct args *a)
{
	(void)c;
	(void)a;
	return 0;
}
int cmd_top(struct context *c, const struct args *a)
{
	(void)c;
	(void)a;
	return 0;
}

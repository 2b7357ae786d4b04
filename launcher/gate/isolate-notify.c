/* isolate-notify SUMMARY BODY: shows an error of isolate where there is no terminal to show it on. A program of its own, since
 * isolate links no GIO. */
#include "error.h"
#include "log.h"
#include "notice.h"

int main(int argc, char **argv)
{
	log_init("isolate-notify");
	g_autoptr(GError) error = NULL;
	if (argc == 3 && g_utf8_validate(argv[1], -1, NULL) && g_utf8_validate(argv[2], -1, NULL) &&
		notice_tell(argv[1], argv[2], &error))
		return 0;
	log_error("%s", error ? error->message : "isolate-notify SUMMARY BODY");
	return ISOLATE_ERROR_FAILED;
}

#include "error.h"

// clang-format off: isolate-error is a name, not a difference
G_DEFINE_QUARK(isolate - error, isolate_error)
// clang-format on

gboolean error_set(GError **error, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	if (error)
		*error = g_error_new_valist(ISOLATE_ERROR, ISOLATE_ERROR_FAILED, format, args);
	va_end(args);
	return FALSE;
}

gboolean error_set_errno(GError **error, int number, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	if (error) {
		g_autofree char *text = g_strdup_vprintf(format, args);
		*error = g_error_new(ISOLATE_ERROR, ISOLATE_ERROR_FAILED, "%s: %s", text, g_strerror(number));
	}
	va_end(args);
	return FALSE;
}

int error_exit_status(const GError *error)
{
	return error->domain == ISOLATE_ERROR ? error->code : ISOLATE_ERROR_FAILED;
}

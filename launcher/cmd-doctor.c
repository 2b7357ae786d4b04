/* What isolate needs of this machine, tried out rather than looked up where that is possible. */
#include "cmd.h"

#include "doctor.h"
#include "json.h"
#include "text.h"

#include <stdio.h>
#include <unistd.h>

static const char *state_word(enum doctor_state state)
{
	switch (state) {
	case DOCTOR_OK:
		return "ok";
	case DOCTOR_NOTE:
		return "note";
	case DOCTOR_MISSING:
		return "MISSING";
	}
	g_assert_not_reached();
}

static void print_finding(const struct doctor_finding *finding)
{
	g_autofree char *detail = text_dup_sanitized(finding->detail, 1000);
	printf("%-8s %-16s %s\n", state_word(finding->state), finding->subject, detail);
	if (finding->advice)
		printf("%-8s %-16s → %s\n", "", "", finding->advice);
}

static GVariant *to_variant(const struct doctor_finding *finding)
{
	g_auto(GVariantDict) dict = G_VARIANT_DICT_INIT(NULL);
	g_variant_dict_insert(&dict, "subject", "s", finding->subject);
	g_variant_dict_insert(
		&dict, "state", "s", finding->state == DOCTOR_MISSING ? "missing" : state_word(finding->state));
	g_variant_dict_insert(&dict, "detail", "^ay", finding->detail);
	g_variant_dict_insert(&dict, "advice", "^ay", finding->advice ? finding->advice : "");
	return g_variant_dict_end(&dict);
}

static int run(int argc, char **argv, GError **error)
{
	gboolean json = FALSE;
	const GOptionEntry options[] = {
		{"json", 0, 0, G_OPTION_ARG_NONE, &json, "print it as JSON", NULL},
		{NULL    },
	};
	g_auto(GStrv) words = cmd_words(options, argc, argv, 0, 0, error);
	if (!words)
		return 0;
	g_autoptr(GPtrArray) findings = doctor_examine();
	g_auto(GVariantBuilder) list = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("aa{sv}"));
	guint missing = 0;
	for (guint i = 0; i < findings->len; i++) {
		const struct doctor_finding *finding = findings->pdata[i];
		missing += finding->state == DOCTOR_MISSING;
		if (json)
			g_variant_builder_add_value(&list, to_variant(finding));
		else
			print_finding(finding);
	}
	if (json)
		json_print(g_variant_builder_end(&list));
	return missing > 0 ? 1 : 0;
}

const struct cmd cmd_doctor = {
	.name = "doctor",
	.arguments = "[--json]",
	.summary = "Try out what isolate needs of this machine, and say what to install",
	.details = "Exit status: 0 when containers can be started from here, 1 when something is missing.\n",
	.run = run,
};

#include "match.h"

#include <string.h>

/* Part of the rule. */
struct span {
	const char *start;
	size_t length;
};

struct item {
	struct span all; // with the quotes, without a comma
	struct span key, value;
};

struct rule {
	const char *text;
	size_t length, at;
};

static bool span_is(const struct span *span, const char *text)
{
	return span->length == strlen(text) && memcmp(span->start, text, span->length) == 0;
}

static bool is_key(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* What a value without quotes is made of: no quote, no backslash, no blank. */
static bool is_plain(char c)
{
	return (c >= 'A' && c <= 'Z') || is_key(c) || strchr(".:/-", c);
}

static bool take_value(struct rule *rule, struct span *value)
{
	const char *start = rule->text + rule->at, *end = rule->text + rule->length, *at = start;
	if (at < end && *at == '\'') {
		start++;
		at = memchr(start, '\'', (size_t)(end - start));
		if (!at || memchr(start, '\0', (size_t)(at - start)))
			return false;
		rule->at = (size_t)(at + 1 - rule->text);
	} else {
		while (at < end && *at && is_plain(*at))
			at++;
		rule->at = (size_t)(at - rule->text);
	}
	*value = (struct span){start, (size_t)(at - start)};
	return value->length > 0;
}

/* The next item, and the comma behind it. False at what is not "key='value'" or "key=value"; a comma at the end is such. */
static bool take_item(struct rule *rule, struct item *item)
{
	size_t begin = rule->at;
	while (rule->at < rule->length && is_key(rule->text[rule->at]))
		rule->at++;
	item->key = (struct span){rule->text + begin, rule->at - begin};
	if (item->key.length == 0 || rule->at >= rule->length || rule->text[rule->at++] != '=' ||
		!take_value(rule, &item->value))
		return false;
	item->all = (struct span){rule->text + begin, rule->at - begin};
	if (rule->at == rule->length)
		return true;
	return rule->text[rule->at++] == ',' && rule->at < rule->length;
}

/* What decides about the names in a rule. */
struct facts {
	unsigned senders, firsts; // how often these keys are there
	bool of_bus;		  // it may be about what the bus says of names
};

static bool look(const char *text, size_t length, struct facts *facts)
{
	struct rule rule = {text, length, 0};
	struct item item;
	bool about_names = false, elsewhere = false;
	*facts = (struct facts){0};
	while (rule.at < length) {
		if (!take_item(&rule, &item))
			return false;
		facts->senders += span_is(&item.key, "sender");
		facts->firsts += span_is(&item.key, "arg0") || span_is(&item.key, "arg0namespace");
		if (span_is(&item.key, "member"))
			about_names = span_is(&item.value, "NameOwnerChanged") ||
				      span_is(&item.value, "NameAcquired") || span_is(&item.value, "NameLost");
		if (span_is(&item.key, "sender") || span_is(&item.key, "interface"))
			elsewhere |= !span_is(&item.value, "org.freedesktop.DBus");
	}
	facts->of_bus = about_names && !elsewhere;
	return true;
}

static size_t append(char *out, size_t size, const char *text, size_t length)
{
	memcpy(out + size, text, length);
	return size + length;
}

size_t match_rewrite(const struct names *names, const char *text, size_t length, char *out)
{
	struct rule rule = {text, length, 0};
	struct facts facts;
	struct item item;
	size_t size = 0;
	// With one of each at most, what is added fits; the bus refuses a key that is there twice.
	if (length > NAMES_BODY_MAX || !look(text, length, &facts) || facts.senders > 1 || facts.firsts > 1)
		return 0;
	while (rule.at < length && take_item(&rule, &item)) {
		// Names below it can be the host's and the project's own: the rule is then about all that may be seen.
		if (facts.of_bus && span_is(&item.key, "arg0namespace"))
			continue;
		bool name = span_is(&item.key, "sender") || (facts.of_bus && span_is(&item.key, "arg0"));
		size_t before = (size_t)(item.value.start - item.all.start);
		if (size > 0)
			out[size++] = ',';
		size = append(out, size, item.all.start, before);
		if (name && !names_is_real(names, item.value.start, item.value.length))
			size = append(out, size, names->prefix, strlen(names->prefix));
		size = append(out, size, item.value.start, item.all.length - before);
	}
	return size;
}

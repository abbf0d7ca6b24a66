/* SPDX-License-Identifier: MIT */
#include "redact_name.h"

#include <string.h>

#include "util.h"

/* The end of a name tells what it is; more is not looked at. */
#define NAME_MAX_LOOK 64

/* Any part of a name, between separators. */
static const char *const parts[] = {
	"_access_key_",
	"_account_key_",
	"_api_key_",
	"_apikey_",
	"_auth_key_",
	"_authorization_",
	"_connection_string_",
	"_credential_",
	"_credentials_",
	"_creds_",
	"_encryption_key_",
	"_master_key_",
	"_passcode_",
	"_passphrase_",
	"_passwd_",
	"_password_",
	"_private_key_",
	"_secret_",
	"_secret_key_",
	"_shared_key_",
	"_signing_key_",
	"_storage_key_",
	"_token_",
	"_amz_signature_",
};

/* The end of a part: PGPASSWORD, authtoken. */
static const char *const endings[] = {
	"apikey_", "passphrase_", "passwd_", "password_", "secret_", "token_",
};

/* Only as the last part of several: DB_PASS, but not "pass". */
static const char *const last_of_several[] = {"_auth_", "_pass_", "_pat_",
					      "_pwd_"};

/* Whole names. */
static const char *const wholes[] = {"_passin_", "_passout_"};

/* A name that starts or ends so speaks about a secret, and holds none. */
static const char *const not_first[] = {
	"_allow_", "_disable_", "_enable_", "_has_",     "_is_",      "_max_",
	"_min_",   "_no_",      "_num_",    "_print_",   "_require_", "_show_",
	"_skip_",  "_use_",     "_with_",   "_without_",
};
static const char *const not_last[] = {
	"_age_",      "_budget_",  "_cmd_",      "_command_", "_count_",
	"_dir_",      "_enabled_", "_endpoint_", "_env_",     "_expires_",
	"_expiry_",   "_field_",   "_file_",     "_format_",  "_header_",
	"_helper_",   "_id_",      "_length_",   "_limit_",   "_max_",
	"_min_",      "_mode_",    "_name_",     "_param_",   "_path_",
	"_policy_",   "_prefix_",  "_process_",  "_program_", "_prompt_",
	"_provider_", "_ref_",     "_required_", "_size_",    "_source_",
	"_stdin_",    "_store_",   "_suffix_",   "_timeout_", "_ttl_",
	"_type_",     "_uri_",     "_url_",      "_usage_",   "_var_",
	"_version_",
};

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static char lower(char c)
{
	return (char)(is_upper(c) ? c - 'A' + 'a' : c);
}

static bool is_lower_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* "apiKey", "API_KEY", "api-key", "api.key" become "_api_key_". */
static size_t normalise(const char *name, size_t len, char *out)
{
	size_t n = 0;

	if (len > NAME_MAX_LOOK) {
		name += len - NAME_MAX_LOOK;
		len = NAME_MAX_LOOK;
	}
	out[n++] = '_';
	for (size_t i = 0; i < len; i++) {
		char c = name[i];

		if (c == '-' || c == '.')
			c = '_';
		if (c == '_' && out[n - 1] == '_')
			continue;
		if (is_upper(c) && i && is_lower_or_digit(name[i - 1]))
			out[n++] = '_';
		out[n++] = lower(c);
	}
	if (out[n - 1] != '_')
		out[n++] = '_';
	out[n] = '\0';
	return n;
}

static bool ends_with(const char *name, size_t len, const char *end)
{
	size_t n = strlen(end);

	return n <= len && strcmp(name + len - n, end) == 0;
}

static bool is_about_a_secret(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(not_first); i++) {
		if (strncmp(name, not_first[i], strlen(not_first[i])) == 0)
			return true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(not_last); i++) {
		if (ends_with(name, len, not_last[i]))
			return true;
	}
	return false;
}

static bool says_secret(const char *name, size_t len, bool several)
{
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		if (strstr(name, parts[i]))
			return true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(endings); i++) {
		if (strstr(name, endings[i]))
			return true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(wholes); i++) {
		if (strcmp(name, wholes[i]) == 0)
			return true;
	}
	for (size_t i = 0; several && i < ARRAY_SIZE(last_of_several); i++) {
		if (ends_with(name, len, last_of_several[i]))
			return true;
	}
	return false;
}

bool redact_name_is_secret(const char *name, size_t len)
{
	/* Each byte may be preceded by a separator. */
	char text[2 * NAME_MAX_LOOK + 3];
	bool several;

	if (len < 3)
		return false;
	len = normalise(name, len, text);
	/* npm calls one "_auth". */
	several = name[0] == '_' || strchr(text + 1, '_') != text + len - 1;
	return says_secret(text, len, several) && !is_about_a_secret(text, len);
}

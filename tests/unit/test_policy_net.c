/* SPDX-License-Identifier: MIT */
/* What a policy says about addresses and unix sockets. */
#include "policy.h"

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct policy policy;

static void setup(void)
{
	ck_assert_int_eq(policy_init(&policy), 0);
}

static void teardown(void)
{
	policy_done(&policy);
}

static void add(enum rule_kind kind, const char *pattern)
{
	char origin[512];

	(void)snprintf(origin, sizeof(origin), "%s %s", rule_kind_name(kind),
		       pattern);
	ck_assert_int_eq(policy_add_path(&policy, kind, pattern, origin, NULL),
			 0);
}

static void seal(void)
{
	ck_assert_int_eq(policy_seal(&policy), 0);
}

static struct decision ask(enum access access, const char *path)
{
	struct policy_object object = {.path = path};

	return policy_decide(&policy, access, &object);
}

static void assert_allowed(struct decision decision, const char *rule)
{
	ck_assert_msg(decision.verdict == VERDICT_ALLOW, "denied by %s: %s",
		      decision.rule, decision.reason);
	ck_assert_int_eq(decision.error, 0);
	ck_assert_ptr_nonnull(decision.reason);
	if (rule)
		ck_assert_str_eq(decision.rule, rule);
}

static void assert_denied(struct decision decision, int error, const char *rule)
{
	ck_assert_msg(decision.verdict == VERDICT_DENY, "allowed by %s",
		      decision.rule);
	ck_assert_int_eq(decision.error, error);
	ck_assert_ptr_nonnull(decision.reason);
	ck_assert_str_eq(decision.rule, rule);
}

static struct netaddr address(const char *text)
{
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
	struct sockaddr_in in = {.sin_family = AF_INET};
	struct netaddr result;
	uint16_t port;

	if (inet_pton(AF_INET, text, &in.sin_addr) == 1) {
		ck_assert_int_eq(netaddr_from_sockaddr((void *)&in, sizeof(in),
						       &result, &port),
				 0);
		return result;
	}
	ck_assert_int_eq(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
	ck_assert_int_eq(netaddr_from_sockaddr((void *)&in6, sizeof(in6),
					       &result, &port),
			 0);
	return result;
}

static void allow_net(const char *text)
{
	struct netrule rule = {.origin = text};
	const char *error;

	ck_assert_int_eq(netrule_parse(text, &rule, &error), 0);
	ck_assert_int_eq(policy_add_net(&policy, &rule), 0);
}

static struct decision dial(const char *text, uint16_t port, bool own)
{
	struct netaddr target = address(text);

	return policy_decide_connect(&policy, &target, port, own);
}

static struct decision bind_to(const char *text)
{
	struct netaddr local = address(text);

	return policy_decide_bind(&policy, &local, 8080);
}

START_TEST(connect_goes_by_the_allowlist)
{
	allow_net("203.0.113.0/24:443");
	allow_net("[2001:db8::1]:80");
	seal();
	assert_allowed(dial("203.0.113.7", 443, false), "203.0.113.0/24:443");
	assert_allowed(dial("::ffff:203.0.113.7", 443, false), NULL);
	assert_allowed(dial("2001:db8::1", 80, false), "[2001:db8::1]:80");
	assert_denied(dial("203.0.113.7", 80, false), EACCES, "net allowlist");
	assert_denied(dial("203.0.114.7", 443, false), EACCES, "net allowlist");
	ck_assert_str_eq(dial("10.0.0.1", 1, false).remedy,
			 "sbxsup --allow-net ADDRESS:PORT");
}
END_TEST

START_TEST(connect_to_loopback_needs_an_own_port_or_a_rule)
{
	allow_net("127.0.0.1:5432");
	allow_net("[::1]:5433");
	seal();
	assert_allowed(dial("127.0.0.1", 8080, true), "session's own port");
	assert_allowed(dial("::1", 8080, true), "session's own port");
	assert_allowed(dial("127.0.0.1", 5432, false), "127.0.0.1:5432");
	assert_denied(dial("127.0.0.1", 8080, false), EACCES, "net allowlist");
	assert_denied(dial("203.0.113.1", 8080, true), EACCES, "net allowlist");
}
END_TEST

START_TEST(connect_to_no_address_means_loopback)
{
	allow_net("127.0.0.1:5432");
	allow_net("[::1]:5433");
	allow_net("0.0.0.0/32:7");
	seal();
	assert_allowed(dial("0.0.0.0", 5432, false), "127.0.0.1:5432");
	assert_allowed(dial("::ffff:0.0.0.0", 5432, false), "127.0.0.1:5432");
	assert_allowed(dial("::", 5433, false), "[::1]:5433");
	assert_allowed(dial("0.0.0.0", 8080, true), "session's own port");
	assert_allowed(dial("::", 8080, true), "session's own port");
	assert_denied(dial("::", 5432, false), EACCES, "net allowlist");
	assert_denied(dial("0.0.0.0", 8080, false), EACCES, "net allowlist");
	assert_denied(dial("0.0.0.0", 7, false), EACCES, "net allowlist");
}
END_TEST

START_TEST(connect_without_network_is_unreachable)
{
	allow_net("203.0.113.1:443");
	policy.net = NET_NONE;
	seal();
	assert_denied(dial("203.0.113.1", 443, false), ENETUNREACH, "net none");
	assert_denied(dial("127.0.0.1", 443, false), ENETUNREACH, "net none");
	assert_allowed(dial("127.0.0.1", 443, true), "session's own port");
}
END_TEST

START_TEST(connect_with_open_network_is_allowed)
{
	policy.net = NET_OPEN;
	seal();
	assert_allowed(dial("203.0.113.1", 1, false), "net open");
	policy.net = NET_ALLOWLIST;
	assert_denied(dial("203.0.113.1", 1, false), EACCES, "net allowlist");
	policy.mode = MODE_FULL_ACCESS;
	assert_allowed(dial("203.0.113.1", 1, false), "mode full-access");
}
END_TEST

START_TEST(connect_is_not_allowed_by_a_host_rule)
{
	allow_net("example.com:443");
	seal();
	assert_denied(dial("203.0.113.1", 443, false), EACCES, "net allowlist");
}
END_TEST

START_TEST(bind_is_for_loopback)
{
	seal();
	assert_allowed(bind_to("127.0.0.1"), "loopback");
	assert_allowed(bind_to("::1"), "loopback");
	assert_denied(bind_to("0.0.0.0"), EACCES, "net allowlist");
	assert_denied(bind_to("::"), EACCES, "net allowlist");
	assert_denied(bind_to("203.0.113.1"), EACCES, "net allowlist");
	policy.net = NET_NONE;
	assert_allowed(bind_to("127.0.0.1"), "loopback");
	assert_denied(bind_to("::"), EACCES, "net none");
	policy.net = NET_OPEN;
	assert_allowed(bind_to("::"), "net open");
	policy.net = NET_NONE;
	policy.mode = MODE_FULL_ACCESS;
	assert_allowed(bind_to("::"), "mode full-access");
}
END_TEST

static struct decision sock(enum access access, const char *path)
{
	struct policy_object object = {.path = path};

	return policy_decide_unix(&policy, access, &object);
}

START_TEST(unix_sockets_below_write_roots_are_free)
{
	add(RULE_WRITE, "/w");
	add(RULE_DENY, "/w/ssh-*");
	seal();
	assert_allowed(sock(ACCESS_UNIX_CONNECT, "/w/s"), "write /w");
	assert_allowed(sock(ACCESS_UNIX_SEND, "/w/s"), "write /w");
	assert_allowed(sock(ACCESS_UNIX_BIND, "/w/s"), "write /w");
	assert_denied(sock(ACCESS_UNIX_CONNECT, "/w/ssh-1/agent"), EACCES,
		      "deny /w/ssh-*");
	assert_denied(sock(ACCESS_UNIX_CONNECT, "/run/s"), EACCES,
		      "mode workspace-write");
	assert_denied(sock(ACCESS_UNIX_BIND, "/run/s"), EACCES,
		      "mode workspace-write");
	ck_assert_str_eq(sock(ACCESS_UNIX_CONNECT, "/run/s").remedy,
			 "sbxsup --allow-unix PATH");
}
END_TEST

START_TEST(unix_rule_allows_what_it_names)
{
	add(RULE_WRITE, "/w");
	add(RULE_DENY, "/w/ssh-*");
	add(RULE_DENY, "/run/docker.sock");
	ck_assert_int_eq(policy_add_unix(&policy, "/w/ssh-1/agent", "u1"), 0);
	ck_assert_int_eq(policy_add_unix(&policy, "/run/docker.sock", "u2"), 0);
	ck_assert_int_eq(policy_add_unix(&policy, "/run/db", "u3"), 0);
	seal();
	assert_allowed(sock(ACCESS_UNIX_CONNECT, "/w/ssh-1/agent"), "u1");
	assert_allowed(sock(ACCESS_UNIX_SEND, "/run/docker.sock"), "u2");
	assert_allowed(sock(ACCESS_UNIX_CONNECT, "/run/db/5432"), "u3");
	assert_allowed(sock(ACCESS_UNIX_BIND, "/run/db/5432"), "u3");
	assert_denied(sock(ACCESS_UNIX_CONNECT, "/w/ssh-2/agent"), EACCES,
		      "deny /w/ssh-*");
	assert_denied(sock(ACCESS_UNIX_BIND, "/run/docker.sock"), EACCES,
		      "deny /run/docker.sock");
}
END_TEST

START_TEST(unix_rule_does_not_open_a_deeper_refusal)
{
	add(RULE_DENY, "/run/user/bus");
	ck_assert_int_eq(policy_add_unix(&policy, "/run/user", "u"), 0);
	seal();
	assert_allowed(sock(ACCESS_UNIX_CONNECT, "/run/user/x"), "u");
	assert_denied(sock(ACCESS_UNIX_CONNECT, "/run/user/bus"), EACCES,
		      "deny /run/user/bus");
}
END_TEST

START_TEST(unix_rule_gives_no_right_to_files)
{
	ck_assert_int_eq(policy_add_unix(&policy, "/run/s", "u"), 0);
	seal();
	assert_allowed(sock(ACCESS_UNIX_CONNECT, "/run/s"), "u");
	assert_denied(ask(ACCESS_FS_WRITE, "/run/s"), EROFS,
		      "mode workspace-write");
}
END_TEST

START_TEST(unix_in_full_access_is_allowed)
{
	seal();
	assert_denied(sock(ACCESS_UNIX_CONNECT, "/run/s"), EACCES,
		      "mode workspace-write");
	policy.mode = MODE_FULL_ACCESS;
	assert_allowed(sock(ACCESS_UNIX_CONNECT, "/run/s"), "mode full-access");
}
END_TEST

static TCase *network_case(void)
{
	TCase *network = tcase_create("network");

	tcase_add_checked_fixture(network, setup, teardown);
	tcase_add_test(network, connect_goes_by_the_allowlist);
	tcase_add_test(network,
		       connect_to_loopback_needs_an_own_port_or_a_rule);
	tcase_add_test(network, connect_to_no_address_means_loopback);
	tcase_add_test(network, connect_without_network_is_unreachable);
	tcase_add_test(network, connect_with_open_network_is_allowed);
	tcase_add_test(network, connect_is_not_allowed_by_a_host_rule);
	tcase_add_test(network, bind_is_for_loopback);
	tcase_add_test(network, unix_sockets_below_write_roots_are_free);
	tcase_add_test(network, unix_rule_allows_what_it_names);
	tcase_add_test(network, unix_rule_does_not_open_a_deeper_refusal);
	tcase_add_test(network, unix_rule_gives_no_right_to_files);
	tcase_add_test(network, unix_in_full_access_is_allowed);
	return network;
}

int main(void)
{
	Suite *suite = suite_create("policy_net");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, network_case());
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

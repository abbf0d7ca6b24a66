/* SPDX-License-Identifier: MIT */
#include "netrule.h"

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static struct netrule parse(const char *text)
{
	struct netrule rule = {.origin = "test"};
	const char *error = NULL;
	int ret = netrule_parse(text, &rule, &error);

	ck_assert_msg(ret == 0, "\"%s\": %s", text, error ? error : "?");
	ck_assert_str_eq(rule.origin, "test");
	return rule;
}

static const char *refusal(const char *text)
{
	struct netrule rule = {.port_low = 7, .host = "untouched"};
	const char *error = NULL;

	ck_assert_msg(netrule_parse(text, &rule, &error) == -EINVAL, "\"%s\"",
		      text);
	ck_assert_ptr_nonnull(error);
	ck_assert_uint_eq(rule.port_low, 7);
	ck_assert_str_eq(rule.host, "untouched");
	return error;
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

static bool matches(const char *rule_text, const char *address_text,
		    uint16_t port)
{
	struct netrule rule = parse(rule_text);
	struct netaddr target = address(address_text);

	return netrule_matches(&rule, &target, port);
}

START_TEST(host_is_canonical)
{
	ck_assert_str_eq(parse("Example.COM").host, "example.com");
	ck_assert_str_eq(parse("example.com.").host, "example.com");
	ck_assert_str_eq(parse("_dmarc.a-b.example").host,
			 "_dmarc.a-b.example");
	ck_assert_str_eq(parse("localhost:80").host, "localhost");
	ck_assert_str_eq(parse("0x.example").host, "0x.example");
	ck_assert_str_eq(parse("1.2.3.example").host, "1.2.3.example");
}
END_TEST

START_TEST(port_defaults_to_https)
{
	struct netrule rule = parse("example.com");

	ck_assert_uint_eq(rule.port_low, 443);
	ck_assert_uint_eq(rule.port_high, 443);
	rule = parse("example.com:8080");
	ck_assert_uint_eq(rule.port_low, 8080);
	ck_assert_uint_eq(rule.port_high, 8080);
	rule = parse("example.com:1-65535");
	ck_assert_uint_eq(rule.port_low, 1);
	ck_assert_uint_eq(rule.port_high, 65535);
}
END_TEST

START_TEST(bad_ports_are_refused)
{
	(void)parse("h:1");
	(void)refusal("h:");
	(void)refusal("h:0");
	(void)refusal("h:65536");
	(void)refusal("h:+1");
	(void)refusal("h:-1");
	(void)refusal("h: 1");
	(void)refusal("h:1-");
	(void)refusal("h:9-8");
	(void)refusal("h:1-2-3");
	(void)refusal("h:http");
	(void)refusal("h:00000443");
}
END_TEST

START_TEST(bad_hosts_are_refused)
{
	char label[80];

	(void)refusal("");
	(void)refusal(".");
	(void)refusal(":80");
	(void)refusal("a..b");
	(void)refusal(".a");
	(void)refusal("a..");
	(void)refusal("a b");
	(void)refusal("a%00b");
	(void)refusal("a\nb");
	(void)refusal("a\x01");
	(void)refusal("caf\xc3\xa9");
	(void)refusal("user@host");
	(void)refusal("host/24");
	memset(label, 'a', 64);
	label[64] = '\0';
	(void)refusal(label);
	label[63] = '\0';
	ck_assert_str_eq(parse(label).host, label);
}
END_TEST

START_TEST(host_length_is_limited)
{
	char host[400];

	for (size_t i = 0; i < sizeof(host); i++)
		host[i] = i % 2 ? '.' : 'a';
	host[253] = '\0';
	ck_assert_uint_eq(strlen(parse(host).host), 253);
	host[253] = '.';
	host[254] = '\0';
	ck_assert_uint_eq(strlen(parse(host).host), 253);
	host[254] = 'a';
	host[255] = '\0';
	(void)refusal(host);
	host[255] = '.';
	host[399] = '\0';
	(void)refusal(host);
}
END_TEST

START_TEST(wildcards_and_urls_are_refused_with_their_reason)
{
	ck_assert_str_eq(refusal("*.example.com"),
			 "a host rule is a full name; wildcards are refused");
	ck_assert_str_eq(refusal("*"),
			 "a host rule is a full name; wildcards are refused");
	ck_assert_str_eq(refusal("https://example.com"),
			 "a rule is HOST:PORT, not a URL");
	(void)refusal("a.*.example");
}
END_TEST

START_TEST(numeric_spellings_of_addresses_are_refused)
{
	(void)parse("127.0.0.1");
	(void)refusal("127.1");
	(void)refusal("2130706433");
	(void)refusal("0x7f.1");
	(void)refusal("0X7F000001");
	(void)refusal("017700000001");
	(void)refusal("127.0.0.01");
	(void)refusal("1.2.3.4.");
	(void)refusal("1.2.3.0x4");
	(void)refusal("1.2.3.256");
	(void)refusal("1.2.3.4.5");
	(void)refusal("example.1");
	(void)refusal("example.0x");
}
END_TEST

START_TEST(ipv4_networks)
{
	ck_assert(matches("10.1.2.3:80", "10.1.2.3", 80));
	ck_assert(!matches("10.1.2.3:80", "10.1.2.4", 80));
	ck_assert(matches("10.0.0.0/8", "10.255.0.1", 443));
	ck_assert(!matches("10.0.0.0/8", "11.0.0.1", 443));
	ck_assert(matches("10.0.0.128/25:1-9", "10.0.0.129", 9));
	ck_assert(!matches("10.0.0.128/25:1-9", "10.0.0.127", 9));
	ck_assert(matches("0.0.0.0/0:53", "203.0.113.9", 53));
	ck_assert_uint_eq(parse("10.0.0.0/24").prefix, 120);
	ck_assert_uint_eq(parse("10.0.0.1").prefix, 128);
}
END_TEST

START_TEST(ipv6_networks)
{
	ck_assert(matches("[2001:db8::1]:80", "2001:db8::1", 80));
	ck_assert(!matches("[2001:db8::1]:80", "2001:db8::2", 80));
	ck_assert(matches("[2001:db8::]/32", "2001:db8:ffff::1", 443));
	ck_assert(!matches("[2001:db8::]/33", "2001:db8:ffff::1", 443));
	ck_assert(matches("[2001:db8::]/32:80", "2001:db8::1", 80));
	ck_assert(matches("[::]/0", "2001:db8::1", 443));
	ck_assert(!matches("[::]/0", "10.0.0.1", 443));
	ck_assert(!matches("0.0.0.0/0", "2001:db8::1", 443));
}
END_TEST

START_TEST(mapped_forms_are_one_address)
{
	ck_assert(matches("10.1.2.3", "::ffff:10.1.2.3", 443));
	ck_assert(matches("10.1.2.3", "64:ff9b::10.1.2.3", 443));
	ck_assert(matches("[::ffff:10.1.2.3]", "10.1.2.3", 443));
	ck_assert(matches("[64:ff9b::10.0.0.0]/104", "10.9.9.9", 443));
	ck_assert(!matches("10.1.2.3", "64:ff9b:1::10.1.2.3", 443));
}
END_TEST

START_TEST(bad_networks_are_refused)
{
	(void)parse("10.0.0.0/8");
	(void)refusal("10.0.0.1/8");
	(void)refusal("10.0.0.0/33");
	(void)refusal("10.0.0.0/");
	(void)refusal("10.0.0.0/-1");
	(void)refusal("10.0.0.0/8/8");
	(void)refusal("[2001:db8::1]/64");
	(void)refusal("[2001:db8::]/129");
	(void)refusal("[10.0.0.1]:80");
	(void)refusal("[fe80::1%eth0]:80");
	(void)refusal("[::1");
	(void)refusal("[::1]x");
	(void)refusal("[]:80");
	ck_assert_str_eq(refusal("::1:80"),
			 "an IPv6 address is written in brackets");
	ck_assert_str_eq(refusal("2001:db8::/32"),
			 "an IPv6 address is written in brackets");
}
END_TEST

START_TEST(port_range_ends_are_included)
{
	ck_assert(!matches("10.0.0.1:80-90", "10.0.0.1", 79));
	ck_assert(matches("10.0.0.1:80-90", "10.0.0.1", 80));
	ck_assert(matches("10.0.0.1:80-90", "10.0.0.1", 90));
	ck_assert(!matches("10.0.0.1:80-90", "10.0.0.1", 91));
}
END_TEST

START_TEST(host_rules_never_match_an_address)
{
	struct netrule rule = parse("example.com");
	struct netaddr zero = {.bytes = {0}};

	rule.prefix = 0;
	ck_assert(!netrule_matches(&rule, &zero, 443));
}
END_TEST

START_TEST(sockaddr_gives_address_and_port)
{
	struct sockaddr_in in = {
		.sin_family = AF_INET,
		.sin_port = htons(8080),
		.sin_addr.s_addr = htonl(0x0a010203),
	};
	struct netaddr result;
	uint16_t port = 0;
	char text[64];

	ck_assert_int_eq(
		netaddr_from_sockaddr((void *)&in, sizeof(in), &result, &port),
		0);
	ck_assert_uint_eq(port, 8080);
	netaddr_format(&result, port, text, sizeof(text));
	ck_assert_str_eq(text, "10.1.2.3:8080");
}
END_TEST

START_TEST(sockaddr_of_bad_length_or_family_is_refused)
{
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
	struct sockaddr_in in = {.sin_family = AF_INET};
	struct sockaddr un = {.sa_family = AF_UNIX};
	struct netaddr result;
	uint16_t port = 9;

	ck_assert_int_eq(netaddr_from_sockaddr((void *)&in, 1, &result, &port),
			 -EINVAL);
	ck_assert_int_eq(netaddr_from_sockaddr((void *)&in, sizeof(in) - 1,
					       &result, &port),
			 -EINVAL);
	ck_assert_int_eq(
		netaddr_from_sockaddr((void *)&in6, 23, &result, &port),
		-EINVAL);
	ck_assert_int_eq(netaddr_from_sockaddr(&un, sizeof(un), &result, &port),
			 -EAFNOSUPPORT);
	ck_assert_uint_eq(port, 9);
	/* The kernel takes this length too. */
	ck_assert_int_eq(
		netaddr_from_sockaddr((void *)&in6, 24, &result, &port), 0);
}
END_TEST

static void assert_loopback(const char *text, bool expected)
{
	struct netaddr target = address(text);

	ck_assert_msg(netaddr_is_loopback(&target) == expected, "%s", text);
}

static void assert_unspecified(const char *text, bool expected)
{
	struct netaddr target = address(text);

	ck_assert_msg(netaddr_is_unspecified(&target) == expected, "%s", text);
}

static void assert_special(const char *text, bool expected)
{
	struct netaddr target = address(text);

	ck_assert_msg(netaddr_is_special(&target) == expected, "%s", text);
}

START_TEST(loopback_in_every_form)
{
	assert_loopback("127.0.0.1", true);
	assert_loopback("127.255.0.9", true);
	assert_loopback("::1", true);
	assert_loopback("::ffff:127.0.0.1", true);
	assert_loopback("64:ff9b::127.0.0.1", true);
	assert_loopback("128.0.0.1", false);
	assert_loopback("::2", false);
	assert_loopback("::", false);
	assert_loopback("0.0.0.0", false);
	assert_loopback("::127.0.0.1", false);
}
END_TEST

START_TEST(unspecified_in_every_form)
{
	assert_unspecified("0.0.0.0", true);
	assert_unspecified("::", true);
	assert_unspecified("::ffff:0.0.0.0", true);
	assert_unspecified("0.0.0.1", false);
	assert_unspecified("::1", false);
}
END_TEST

START_TEST(special_addresses)
{
	assert_special("169.254.169.254", true);
	assert_special("::ffff:169.254.169.254", true);
	assert_special("fd00:ec2::254", true);
	assert_special("100.100.100.200", true);
	assert_special("127.0.0.1", true);
	assert_special("0.0.0.0", true);
	assert_special("::", true);
	assert_special("::1", true);
	assert_special("fe80::1", true);
	assert_special("febf::1", true);
	assert_special("224.0.0.1", true);
	assert_special("239.255.255.255", true);
	assert_special("255.255.255.255", true);
	assert_special("ff02::1", true);
	assert_special("10.0.0.1", false);
	assert_special("169.253.0.1", false);
	assert_special("100.100.100.201", false);
	assert_special("223.255.255.255", false);
	assert_special("2001:db8::1", false);
	assert_special("fec0::1", false);
	assert_special("fd00:ec2::255", false);
}
END_TEST

START_TEST(format_puts_ipv6_in_brackets_before_a_port)
{
	struct netaddr v6 = address("2001:db8::1");
	struct netaddr v4 = address("::ffff:10.1.2.3");
	char text[64];
	char small[5];

	netaddr_format(&v6, 0, text, sizeof(text));
	ck_assert_str_eq(text, "2001:db8::1");
	netaddr_format(&v6, 443, text, sizeof(text));
	ck_assert_str_eq(text, "[2001:db8::1]:443");
	netaddr_format(&v4, 0, text, sizeof(text));
	ck_assert_str_eq(text, "10.1.2.3");
	netaddr_format(&v4, 65535, text, sizeof(text));
	ck_assert_str_eq(text, "10.1.2.3:65535");
	netaddr_format(&v4, 1, small, sizeof(small));
	ck_assert_str_eq(small, "10.1");
	memset(&v6, 0xff, sizeof(v6));
	netaddr_format(&v6, 65535, text, sizeof(text));
	ck_assert_str_eq(text, "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:"
			       "65535");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("netrule");
	TCase *rules = tcase_create("rules");
	TCase *addresses = tcase_create("addresses");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(rules, host_is_canonical);
	tcase_add_test(rules, port_defaults_to_https);
	tcase_add_test(rules, bad_ports_are_refused);
	tcase_add_test(rules, bad_hosts_are_refused);
	tcase_add_test(rules, host_length_is_limited);
	tcase_add_test(rules, wildcards_and_urls_are_refused_with_their_reason);
	tcase_add_test(rules, numeric_spellings_of_addresses_are_refused);
	tcase_add_test(rules, ipv4_networks);
	tcase_add_test(rules, ipv6_networks);
	tcase_add_test(rules, mapped_forms_are_one_address);
	tcase_add_test(rules, bad_networks_are_refused);
	tcase_add_test(rules, port_range_ends_are_included);
	tcase_add_test(rules, host_rules_never_match_an_address);
	suite_add_tcase(suite, rules);
	tcase_add_test(addresses, sockaddr_gives_address_and_port);
	tcase_add_test(addresses, sockaddr_of_bad_length_or_family_is_refused);
	tcase_add_test(addresses, loopback_in_every_form);
	tcase_add_test(addresses, unspecified_in_every_form);
	tcase_add_test(addresses, special_addresses);
	tcase_add_test(addresses, format_puts_ipv6_in_brackets_before_a_port);
	suite_add_tcase(suite, addresses);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

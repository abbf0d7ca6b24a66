/* SPDX-License-Identifier: MIT */
/*
 * The whole dialect: cleanup attributes, transfer of ownership, retry.
 */
#ifndef SBX_UTIL_H
#define SBX_UTIL_H

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

/* Closes the descriptor when it leaves scope; a negative one is left alone. */
#define cleanup_close __attribute__((cleanup(util_close)))
/* Frees the pointer when it leaves scope. */
#define cleanup_free __attribute__((cleanup(util_free)))

/* Gives the value away: the variable no longer owns it. */
#define TAKE_FD(fd) util_take_fd(&(fd))
#define TAKE_PTR(p)                                                            \
	({                                                                     \
		__typeof__(p) taken_ = (p);                                    \
		(p) = NULL;                                                    \
		taken_;                                                        \
	})

#define RETRY_EINTR(call)                                                      \
	({                                                                     \
		__typeof__(call) result_;                                      \
		do {                                                           \
			result_ = (call);                                      \
		} while (result_ == -1 && errno == EINTR);                     \
		result_;                                                       \
	})

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/**
 * util_close() - close a descriptor and keep errno (cleanup attribute).
 * @fd: points to the descriptor; nothing happens when it is negative.
 */
static inline void util_close(const int *fd)
{
	if (*fd >= 0) {
		int saved = errno;

		(void)close(*fd);
		errno = saved;
	}
}

/**
 * util_ignore() - for calls that the C library wants to be checked, where
 * nothing could be done about a failure. Say why at the site.
 * @result: not looked at
 */
static inline void util_ignore(long result)
{
	(void)result;
}

static inline void util_free(void *p)
{
	free(*(void **)p);
}

static inline int util_take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

#endif /* SBX_UTIL_H */

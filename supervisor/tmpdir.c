/* SPDX-License-Identifier: MIT */
#include "tmpdir.h"

#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util.h"

int tmpdir_create(char **ret_path)
{
	const char *base = getenv("TMPDIR");
	cleanup_free char *template = NULL;
	char *path;

	if (!base || base[0] != '/' || access(base, W_OK | X_OK) < 0)
		base = "/tmp";
	if (asprintf(&template, "%s/sbxsup-XXXXXX", base) < 0)
		return -ENOMEM;
	if (!mkdtemp(template))
		return -errno;
	path = realpath(template, NULL);
	if (!path) {
		int err = -errno;

		(void)rmdir(template);
		return err;
	}
	*ret_path = path;
	return 0;
}

static int remove_entry(const FTSENT *entry)
{
	switch (entry->fts_info) {
	case FTS_D:
		/* A directory that may not be read could not be emptied. */
		(void)chmod(entry->fts_accpath, 0700);
		return 0;
	case FTS_DP:
		return rmdir(entry->fts_accpath) < 0 ? -errno : 0;
	case FTS_DNR:
	case FTS_ERR:
	case FTS_NS:
		return rmdir(entry->fts_accpath) < 0 ? -entry->fts_errno : 0;
	default:
		return unlink(entry->fts_accpath) < 0 ? -errno : 0;
	}
}

int tmpdir_remove(const char *path)
{
	char copy[4096];
	char *const roots[] = {copy, NULL};
	FTS *tree;
	FTSENT *entry;
	int first = 0;

	if ((size_t)snprintf(copy, sizeof(copy), "%s", path) >= sizeof(copy))
		return -ENAMETOOLONG;
	tree = fts_open(roots, FTS_PHYSICAL | FTS_XDEV | FTS_NOCHDIR, NULL);
	if (!tree)
		return -errno;
	while ((entry = fts_read(tree))) {
		int err = remove_entry(entry);

		if (err < 0 && first == 0)
			first = err;
	}
	(void)fts_close(tree);
	return first;
}

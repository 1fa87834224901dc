/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The keys that certificates of every kind have. */
#include <config.h>

#include <string.h>

#include "check/certificate.h"

static const char *const formats[] = {"ufm-certificate-1"};
static const char *const kinds[] = {"dual",       "spectral", "envelope",
                                    "refutation", "frame",    "orbits"};
static const char *const statuses[] = {"proved", "bracketed", "refuted"};

void chk_certificate_init(chk_certificate *c)
{
  memset(c, 0, sizeof *c);
  chk_problem_init(&c->problem);
  mpq_init(c->lower);
  mpq_init(c->upper);
  mpq_init(c->tolerance);
}

void chk_certificate_clear(chk_certificate *c)
{
  if (c->primal.W != NULL)
    chk_primal_clear(&c->primal);
  chk_problem_clear(&c->problem);
  mpq_clear(c->lower);
  mpq_clear(c->upper);
  mpq_clear(c->tolerance);
}

static bool read_kind(chk_certificate *c, chk_session *session)
{
  json_t *kind = json_object_get(c->root, "kind");
  size_t index = 0;

  if (kind != NULL &&
      !chk_read_name(&index, kind, kinds, sizeof kinds / sizeof *kinds, "kind",
                     session))
    return false;
  c->kind = (chk_kind)index;
  return true;
}

/* "refuted" belongs to refutations, a tolerance to "proved". */
static bool read_status(chk_certificate *c, chk_session *session)
{
  json_t *status;
  size_t index;

  if (!chk_read_key(&status, c->root, "status", "certificate", session) ||
      !chk_read_name(&index, status, statuses, 3, "status", session))
    return false;
  c->status = (chk_status)index;
  if ((c->status == CHK_REFUTED) != (c->kind == CHK_REFUTATION))
    return chk_malformed(session, "status: does not belong to this kind");
  if (c->status == CHK_PROVED)
    return chk_read_key_fraction(c->tolerance, c->root, "tolerance",
                                 "certificate", session);
  if (json_object_get(c->root, "tolerance") != NULL)
    return chk_malformed(session, "tolerance: want none without \"proved\"");
  return true;
}

bool chk_certificate_read(chk_certificate *c, const json_t *root,
                          chk_session *session)
{
  json_t *format, *problem, *primal, *claim;
  size_t unused;

  c->root = root;
  if (!chk_read_key(&format, root, "format", "certificate", session) ||
      !chk_read_name(&unused, format, formats, 1, "format", session) ||
      !read_kind(c, session) || !read_status(c, session) ||
      !chk_read_key(&problem, root, "problem", "certificate", session) ||
      !chk_read_key(&primal, root, "primal", "certificate", session) ||
      !chk_read_key(&claim, root, "claim", "certificate", session) ||
      !chk_read_key_fraction(c->lower, claim, "lower", "claim", session) ||
      !chk_read_key_fraction(c->upper, claim, "upper", "claim", session))
    return false;
  if (c->kind == CHK_ORBITS) /* has keys of its own */
    return true;
  if (!chk_problem_read(&c->problem, problem, session))
    return false;
  if ((c->kind == CHK_FRAME) != c->problem.fixed)
    return chk_malformed(session, "kind \"frame\" and problem.fixed_W belong "
                                  "together");
  chk_primal_init(&c->primal, c->problem.M);
  return chk_primal_read(&c->primal, primal, &c->problem, session);
}

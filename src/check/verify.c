/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the bytes of a file to the verdict. */
#include <config.h>

#include "check/claims.h"
#include "check/decide.h"
#include "check/verify.h"

void chk_result_init(chk_result *result)
{
  mpq_init(result->lower);
  mpq_init(result->upper);
}

void chk_result_clear(chk_result *result)
{
  mpq_clear(result->lower);
  mpq_clear(result->upper);
}

static bool enclose(chk_interval *out, const void *data, chk_explog *t,
                    chk_session *session)
{
  const chk_certificate *c = data;

  return chk_primal_value(out, &c->primal, &c->problem, t, session);
}

static bool check_gap(const chk_certificate *c, chk_session *session)
{
  mpq_t gap;
  bool good;

  if (c->status != CHK_PROVED)
    return true;
  mpq_init(gap);
  mpq_sub(gap, c->upper, c->lower);
  good = mpq_cmp(gap, c->tolerance) <= 0;
  mpq_clear(gap);
  return good || chk_reject(session, "gap above tolerance");
}

static bool check(const chk_certificate *c, chk_session *session)
{
  static bool (*const lower[])(const chk_certificate *, chk_session *) = {
      [CHK_DUAL] = chk_check_dual,
      [CHK_SPECTRAL] = chk_check_spectral,
      [CHK_ENVELOPE] = chk_check_envelope,
      [CHK_REFUTATION] = chk_check_refutation,
      [CHK_FRAME] = chk_check_frame};

  if (c->kind != CHK_ORBITS && chk_has_claims(c) &&
      (c->kind != CHK_DUAL || c->problem.M != 1))
    return chk_malformed(session,
                         "claims on the optimum need kind \"dual\" and "
                         "depth 1");
  /* Bounds the wrong way round have no proof; say so before the work. */
  if ((mpq_cmp(c->lower, c->upper) > 0) != (c->kind == CHK_REFUTATION))
    return chk_reject(session, "lower and upper in the wrong order");
  if (!check_gap(c, session))
    return false;
  return c->kind == CHK_ORBITS ? chk_check_orbits(c, session)
                               : chk_decide_upper(c, enclose, c, session) &&
                                     lower[c->kind](c, session);
}

void chk_verify(chk_result *result, const char *bytes, size_t size,
                const chk_limits *limits)
{
  chk_session *session = &result->session;
  chk_certificate c;
  json_error_t error;
  json_t *root;

  chk_session_start(session, limits, size);
  root = json_loadb(bytes, size, JSON_REJECT_DUPLICATES, &error);
  if (root == NULL) {
    chk_malformed(session, "not JSON: line %d: %.100s", error.line, error.text);
    return;
  }
  chk_certificate_init(&c);
  if (chk_certificate_read(&c, root, session) && check(&c, session)) {
    mpq_set(result->lower, c.lower);
    mpq_set(result->upper, c.upper);
    result->refutation = c.kind == CHK_REFUTATION;
  }
  chk_certificate_clear(&c);
  json_decref(root);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kind "envelope": dual points for several slopes mu.  With x = |X|_* the
   penalty is at least q(x) = gamma x^(2/L), gamma^L = (L/2)^L lambda_1..
   lambda_H (x^(2/L) is subadditive), and the loss at nuclear norm x is at
   least D_k - mu_k x (duality).  On a piece, D_k - mu_k x + q(x) is concave,
   so smallest at an end; beyond the last piece q alone exceeds the bound. */
#include <config.h>

#include <stdlib.h>

#include "check/alloc.h"
#include "check/decide.h"
#include "check/pieces.h"
#include "check/witness.h"

typedef struct line {
  mpq_t mu;
  chk_witness witness;
} line;

typedef struct piece {
  mpq_t to;
  size_t line;
} piece;

typedef struct envelope {
  const chk_problem *problem;
  line *lines;
  piece *pieces;
  size_t line_count, piece_count;
  chk_penalty q;
} envelope;

static void envelope_clear(envelope *e)
{
  for (size_t k = 0; k < e->line_count; k++) {
    mpq_clear(e->lines[k].mu);
    chk_witness_clear(&e->lines[k].witness);
  }
  for (size_t i = 0; i < e->piece_count; i++)
    mpq_clear(e->pieces[i].to);
  mpq_clear(e->q.product);
  free(e->lines);
  free(e->pieces);
}

static bool read_lines(envelope *e, const json_t *lines, chk_session *session)
{
  json_t *mu;
  size_t count;

  if (!chk_read_array(&count, lines, 1, "lines", session))
    return false;
  e->lines = chk_alloc(count, sizeof *e->lines);
  for (size_t k = 0; k < count; k++) {
    const json_t *value = json_array_get(lines, k);

    mpq_init(e->lines[k].mu);
    chk_witness_init(&e->lines[k].witness);
    e->line_count++;
    if (!chk_read_key(&mu, value, "mu", "lines", session) ||
        !chk_read_positive(e->lines[k].mu, mu, "lines.mu", session) ||
        !chk_witness_read(&e->lines[k].witness, value, e->problem, "lines",
                          session))
      return false;
  }
  return true;
}

static bool read_piece(envelope *e, size_t i, mpq_srcptr before,
                       const json_t *value, chk_session *session)
{
  json_t *index;
  json_int_t number;

  if (!chk_read_end(e->pieces[i].to, before, value, session) ||
      !chk_read_key(&index, value, "line", "pieces", session))
    return false;
  number = json_is_integer(index) ? json_integer_value(index) : -1;
  if (number < 0 || (size_t)number >= e->line_count)
    return chk_malformed(session, "pieces: no such line");
  e->pieces[i].line = (size_t)number;
  return true;
}

/* 0 = x_0 < x_1 < ... */
static bool read_pieces(envelope *e, const json_t *pieces, chk_session *session)
{
  bool good = true;
  size_t count;
  mpq_t zero;

  if (!chk_read_array(&count, pieces, 1, "pieces", session))
    return false;
  e->pieces = chk_alloc(count, sizeof *e->pieces);
  mpq_init(zero);
  for (size_t i = 0; i < count && good; i++) {
    mpq_init(e->pieces[i].to);
    e->piece_count++;
    good = read_piece(e, i, i == 0 ? zero : e->pieces[i - 1].to,
                      json_array_get(pieces, i), session);
  }
  mpq_clear(zero);
  return good;
}

static bool check_lines(const envelope *e, chk_session *session)
{
  bool good = true;
  mpq_t omega;

  mpq_init(omega);
  for (size_t k = 0; k < e->line_count && good; k++) {
    mpq_mul(omega, e->lines[k].mu, e->lines[k].mu);
    good =
        chk_witness_feasible(&e->lines[k].witness, e->problem, omega, session);
  }
  mpq_clear(omega);
  return good;
}

/* The smallest of all the numbers that the bound must not exceed. */
static bool enclose(chk_interval *out, const void *data, chk_explog *t,
                    chk_session *session)
{
  const envelope *e = data;
  chk_interval *D = chk_intervals_new(e->line_count);
  chk_interval from, to;
  bool good = true;
  mpq_t zero;

  chk_interval_init(&from); /* q(x_0) = 0 */
  chk_interval_init(&to);
  mpq_init(zero);
  for (size_t k = 0; k < e->line_count && good; k++)
    good =
        chk_witness_value(&D[k], &e->lines[k].witness, e->problem, t, session);
  good = good && chk_penalty_at(out, &e->q, e->pieces[e->piece_count - 1].to,
                                t->f, session);
  for (size_t i = 0; i < e->piece_count && good; i++) {
    const piece *now = &e->pieces[i];
    const line *used = &e->lines[now->line];

    good = chk_penalty_at(&to, &e->q, now->to, t->f, session);
    chk_lower_by(out, &D[now->line], used->mu, i == 0 ? zero : now[-1].to,
                 &from, t->f);
    chk_lower_by(out, &D[now->line], used->mu, now->to, &to, t->f);
    chk_interval_set(&from, &to);
  }
  mpq_clear(zero);
  chk_interval_clear(&from);
  chk_interval_clear(&to);
  chk_intervals_free(D, e->line_count);
  return good;
}

bool chk_check_envelope(const chk_certificate *c, chk_session *session)
{
  envelope e = {.problem = &c->problem};
  json_t *lines, *pieces;
  bool good;

  mpq_init(e.q.product);
  e.q.L = (unsigned long)c->problem.M + 1;
  good = chk_penalty_product(e.q.product, &c->problem, session) &&
         chk_read_key(&lines, c->root, "lines", "certificate", session) &&
         chk_read_key(&pieces, c->root, "pieces", "certificate", session) &&
         read_lines(&e, lines, session) && read_pieces(&e, pieces, session) &&
         check_lines(&e, session) && chk_decide_lower(c, enclose, &e, session);
  envelope_clear(&e);
  return good;
}

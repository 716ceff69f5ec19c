/* The minutes of a short meeting, in both languages; what they leave out; what changes them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "decisions.h"
#include "room_minutes.h"

#include "crypto/hash.h"
#include "minutes/minutes.h"

#include <ctype.h>
#include <jansson.h>

#define MINUTE 60000
#define TEN INT64_C(1764064920000) /* 25 November 2025, 10:02 */

static struct pl_buf text_in(const struct room *r, enum pl_minutes_language language)
{
    struct pl_buf out = {0};
    struct pl_minutes *m = minutes_of(r);
    pl_minutes_text(m, language, &out);
    assert_false(out.failed);
    assert_true(pl_text_ok((struct pl_str){out.data, out.len}));
    pl_minutes_free(m);
    return out;
}

/* Each run of spaces and line ends as one space. */
static void squeeze(struct pl_buf *b)
{
    size_t n = 0;
    for (size_t i = 0; i < b->len; i++) {
        bool gap = b->data[i] == ' ' || b->data[i] == '\n';
        if (!gap || (n && b->data[n - 1] != ' '))
            b->data[n++] = gap ? ' ' : b->data[i];
    }
    b->len = n;
    b->data[n] = 0;
}

/* Does it say that, wherever its lines break? */
static void says_in(const struct room *r, enum pl_minutes_language language, const char *words,
                    bool want)
{
    struct pl_buf text = text_in(r, language);
    squeeze(&text);
    if ((strstr(text.data, words) != NULL) != want)
        fail_msg("%s: %s\nin: %s", want ? "missing" : "not to be said", words, text.data);
    pl_buf_free(&text);
}
#define SAYS(r, english, french)                                                                   \
    (says_in(r, PL_MINUTES_EN, english, true), says_in(r, PL_MINUTES_FR, french, true))
#define SILENT_ON(r, words)                                                                        \
    (says_in(r, PL_MINUTES_EN, words, false), says_in(r, PL_MINUTES_FR, words, false))

static void act(struct room *r, int64_t at, const char *by, struct pl_act a)
{
    r->now = TEN + at * MINUTE;
    enum pl_err err = decide(r, by, &a);
    if (err)
        fail_msg("%s by %s: %s", pl_act_words[a.type], by ? by : "-", r->denial.why);
}
#define DO(at, by, up, low, ...)                                                                   \
    act(r, at, by, (struct pl_act){.type = PL_ACT_##up, .low = {__VA_ARGS__}})
#define NORWAY "p9"
#define DENMARK "p10"
#define SPAIN "p11"

/* What was prepared: two items, a paper, the register. */
static void prepare(struct room *r)
{
    set_up(r, 4); /* Norway, Denmark, Spain, France; France stays away */
    r->definition.title = "Options for security guarantees";
    r->definition.body = "Military Committee";
    r->definition.marking = "RELEASABLE TO MEMBERS";
    DO(-90, NULL, PUT_ITEM, put_item, .item = S("i"), .title = S("Options"));
    DO(-90, NULL, PUT_ITEM, put_item, .item = S("j"), .title = S("Other business"));
    DO(-90, NULL, PUT_PARTY, put_party, .party = S("UKR"), .name = S("Ukraine"));
    DO(-90, NULL, PUT_PARTY, put_party, .party = S("RUS"), .name = S("Russia"), .country = S("RU"));
    DO(-90, NULL, PUT_PAPER, put_paper, .paper = S("p"), .item = S("i"), .title = S("Guarantees"));
    DO(-90, NULL, PUT_OPTION, put_option, .paper = S("p"), .option = S("a"), .title = S("Troops"),
       .touches = {{S("UKR")}, {S("RUS")}}, .n_touches = 2);
    DO(-90, NULL, PUT_OPTION, put_option, .paper = S("p"), .option = S("b"),
       .title = S("Air policing"));
    DO(-80, NULL, CONSULT, consult, .party = S("UKR"), .paper = S("p"), .asked_by = S("Norway"),
       .asked_at = TEN - 60 * MINUTE * 24, .channel = S("démarche"), .answer = S("We agree."));
    DO(-80, NULL, STATE_RED_LINE, state_red_line, .party = S("RUS"), .paper = S("p"),
       .red_line = S("Absolutely unacceptable"), .source = S("the press"), .crossed_by = {{S("a")}},
       .n_crossed_by = 1);
}

static void decide_on_options(struct room *r)
{
    struct pl_act d = draft("d", by_rule(PL_PROCEDURE_QUALIFIED)), c = call("d", 1);
    d.put_decision.rule.has_seats_num = d.put_decision.rule.has_seats_den = true;
    d.put_decision.rule.seats_num = 2;
    d.put_decision.rule.seats_den = 3;
    d.put_decision.paper = S("p");
    d.put_decision.option = S("a");
    d.put_decision.title = S("Guarantees");
    c.call_decision.acknowledgement = S("Time presses.");
    act(r, 20, "p1", d);
    act(r, 22, "p1", c);
    act(r, 23, NORWAY, vote("d", 1, PL_CHOICE_YES));
    act(r, 23, DENMARK, vote("d", 1, PL_CHOICE_YES));
    struct pl_act no = vote("d", 1, PL_CHOICE_NO);
    no.vote.statement = S("Not without a mandate.\nOur parliament decides.");
    act(r, 24, SPAIN, no);
    act(r, 25, "p1", close_it("d"));
}

static void meet(struct room *r)
{
    prepare(r);
    r->now = TEN;
    comes(r, "p1");
    comes(r, "p3");
    comes(r, NORWAY);
    r->now += 3 * MINUTE;
    comes(r, DENMARK);
    comes(r, SPAIN);
    DO(4, "p1", TAKE_ITEM, take_item, .item = S("i"));
    DO(5, "p1", GIVE_FLOOR, give_floor, .participant = S(NORWAY));
    DO(8, "p1", GIVE_FLOOR, give_floor, .participant = S(DENMARK));
    DO(8, DENMARK, END_FLOOR, end_floor, 0);
    DO(9, SPAIN, REQUEST_FLOOR, request_floor, .kind = PL_FLOOR_KIND_SPEAK,
       .text = S("We regret the haste."));
    DO(10, "p1", GIVE_FLOOR, give_floor, .has_entry = true, .entry = (int64_t)r->s->last);
    DO(12, NORWAY, TAKE_POSITION, take_position, .paper = S("p"), .option = S("a"),
       .stance = PL_STANCE_SUPPORT, .visibility = PL_VISIBILITY_ALL);
    DO(12, DENMARK, TAKE_POSITION, take_position, .paper = S("p"), .option = S("a"),
       .stance = PL_STANCE_OBJECT, .reason = S("SECRET"), .red_line = S("HIDDEN"),
       .visibility = PL_VISIBILITY_CHAIR);
    DO(13, SPAIN, TAKE_POSITION, take_position, .paper = S("p"), .option = S("a"),
       .stance = PL_STANCE_RESERVATION, .reason = S("Costs."), .visibility = PL_VISIBILITY_ALL);
    goes(r, DENMARK);
    r->now += 15000; /* too short to note */
    comes(r, DENMARK);
    decide_on_options(r);
    goes(r, SPAIN);
    DO(30, "p1", SET_SESSION, set_session, .session = PL_SESSION_STATE_SUSPENDED,
       .reason = S("Coffee"));
    DO(40, "p1", SET_SESSION, set_session, .session = PL_SESSION_STATE_OPEN);
    comes(r, SPAIN);
    DO(41, "p1", TAKE_ITEM, take_item, .item = S("j"));
}

#define NNB "\u202f" /* narrow, before a semicolon */
#define NB "\u00a0"

static void what_happened(void **state)
{
    (void)state;
    struct room room, *r = &room;
    meet(r);
    SAYS(r, "RELEASABLE TO MEMBERS Military Committee Minutes: Options for security guarantees",
         "Procès-verbal" NB ": Options for security guarantees");
    SAYS(r, "Held by videoconference on Tuesday 25 November 2025, from 10:02 (UTC); not closed yet",
         "Tenue par visioconférence le mardi 25 novembre 2025, à partir de 10" NB "h" NB
         "02 (UTC)" NNB "; pas encore levée");
    SAYS(r, "The meeting was called to order at 10:02.",
         "La séance est ouverte à 10" NB "h" NB "02.");
    SAYS(r, "Item 1: Options [17]", "Point 1" NB ": Options [17]");
    SAYS(r, "Options paper: “Guarantees”, with the options “Troops” and “Air policing”.",
         "comportant les options suivantes" NB ": «" NB "Troops" NB "» et «" NB "Air policing" NB
         "».");
    SAYS(r, "4. Norway (Norway) had the floor from 10:07 to 10:10. [18]",
         "4. Norway (Norway) prend la parole de 10" NB "h" NB "07 à 10" NB "h" NB "10. [18]");
    SAYS(r, "5. Denmark (Denmark) had the floor at 10:10. [19]",
         "5. Denmark (Denmark) prend la parole à 10" NB "h" NB "10. [19]");
    SAYS(
        r,
        "Spain made a statement in writing, which was read out at 10:12: [22] We regret the haste.",
        "Spain présente une intervention écrite, dont il est donné lecture à 10" NB "h" NB "12" NB
        ": [22] We regret the haste.");
    SAYS(r, "The meeting was suspended at 10:32. Reason given: “Coffee”.",
         "La séance est suspendue à 10" NB "h" NB "32. Motif invoqué" NB ": «" NB "Coffee" NB "».");
    SAYS(r, "The meeting was resumed at 10:42.", "La séance est reprise à 10" NB "h" NB "42.");
    DO(50, "p1", TAKE_ITEM, take_item, .item = S("i"));
    DO(60, "p1", SET_SESSION, set_session, .session = PL_SESSION_STATE_CLOSED);
    SAYS(r, "Item 1: Options (continued)", "Point 1" NB ": Options (suite)");
    SAYS(r, "Consideration of item 1 was concluded at 11:02.",
         "L’examen du point 1 est achevé à 11" NB "h" NB "02.");
    SAYS(r, "The meeting rose at 11:02.", "La séance est levée à 11" NB "h" NB "02.");
    SAYS(r, "from 10:02 to 11:02 (UTC)", "de 10" NB "h" NB "02 à 11" NB "h" NB "02 (UTC)");
    tear_down(r);
}

static void who_attended(void **state)
{
    (void)state;
    struct room room, *r = &room;
    meet(r);
    DO(60, "p1", SET_SESSION, set_session, .session = PL_SESSION_STATE_CLOSED);
    r->now += 5 * MINUTE;
    goes(r, NORWAY); /* the session was closed: that is no departure */
    SAYS(r, "Norway Norway (head of delegation): from 10:02 to 11:02 [14]",
         "Norway Norway (chef de délégation)" NB ": de 10" NB "h" NB "02 à 11" NB "h" NB "02 [14]");
    /* Denmark was gone for fifteen seconds, Spain for longer. */
    SAYS(r, "Denmark Denmark (head of delegation): from 10:05 to 11:02 [15]",
         "Denmark (chef de délégation)" NB ": de 10" NB "h" NB "05 à 11" NB "h" NB "02 [15]");
    SAYS(r, "Spain (head of delegation): from 10:05 to 10:27, from 10:42 to 11:02 [16]",
         "de 10" NB "h" NB "05 à 10" NB "h" NB "27, de 10" NB "h" NB "42 à 11" NB "h" NB "02 [16]");
    SAYS(r, "Absent France", "Absents France");
    SAYS(r, "Others Chair (Chair): from 10:02", "Autres Chair (présidence)");
    tear_down(r);
}

/* An absence of a minute is noted, a shorter one not. */
static void absences(void **state)
{
    (void)state;
    for (int more = 0; more <= 1; more++) {
        struct room room, *r = &room;
        prepare(r);
        r->now = TEN;
        comes(r, "p1");
        comes(r, NORWAY);
        r->now += MINUTE;
        goes(r, NORWAY);
        r->now += PL_MINUTES_ABSENCE_MS - 1 + more;
        comes(r, NORWAY);
        says_in(r, PL_MINUTES_EN, "from 10:02 to 10:03, since 10:0", more);
        says_in(r, PL_MINUTES_EN, "(head of delegation): since 10:02", !more);
        tear_down(r);
    }
}

static void what_was_consulted(void **state)
{
    (void)state;
    struct room room, *r = &room;
    meet(r);
    SAYS(r, "On record before the meeting", "Consigné avant la séance");
    SAYS(r,
         "Ukraine was consulted by Norway on 24 November 2025, 10:02 (démarche), on the options "
         "paper “Guarantees”. Answer: “We agree.” [9]",
         "Ukraine" NB ": consultation par Norway le 24 novembre 2025 à 10" NB "h" NB
         "02 (démarche)");
    SAYS(
        r,
        "A red line of a party that was not asked was put on record: Russia. Red line: “Absolutely "
        "unacceptable” (source: the press). Crossed by: “Troops”.",
        "Ligne rouge consignée d’une partie non consultée" NB ": Russie.");
    SAYS(
        r,
        "Before the question was put, the presiding officer was warned. Russia had not been "
        "consulted. It crossed a red line of Russia: “Absolutely unacceptable”. The question was "
        "put all the same, with this acknowledgement: “Time presses.”",
        "la présidence est avertie de ce qui suit. Partie non consultée" NB ": Russie. Ligne rouge "
        "franchie (Russie)" NB ": «" NB "Absolutely unacceptable" NB "». Elle passe outre, pour le "
        "motif suivant" NB ": «" NB "Time presses." NB "»");
    tear_down(r);
}

/* In French, what is called as its country is; other names are kept. */
static void countries_are_called_so_in_french(void **state)
{
    (void)state;
    struct room room, *r = &room;
    meet(r);
    struct pl_seat *seats = r->definition.seats;
    memcpy(seats[0].country, "NO", sizeof seats[0].country);
    memcpy(seats[1].country, "SE", sizeof seats[1].country); /* another's */
    memcpy(seats[2].country, "ES", sizeof seats[2].country);
    SAYS(r, "Norway Norway (head of delegation): since 10:02",
         "Norvège Norway (chef de délégation)" NB ": depuis");
    SAYS(r, "4. Norway (Norway) had the floor", "4. Norvège (Norway) prend la parole");
    SAYS(r, "Support: Norway. Reservation: Spain.",
         "Appui" NB ": Norvège. Réserve" NB ": Espagne.");
    SAYS(r, "Ukraine was consulted by Norway on", "Ukraine" NB ": consultation par Norvège le");
    tear_down(r);
}

static void what_not_all_may_see(void **state)
{
    (void)state;
    struct room room, *r = &room;
    meet(r);
    SAYS(r, "Support: Norway. Reservation: Spain.", "Appui" NB ": Norway. Réserve" NB ": Spain.");
    SAYS(r, "Spain (reservation). Reason: “Costs.”",
         "Spain (réserve). Motif" NB ": «" NB "Costs." NB "»");
    SILENT_ON(r, "SECRET"); /* a position for the chair, */
    SILENT_ON(r, "HIDDEN"); /* and the warning that it made */
    /* A ballot that comes to nothing shows no votes. */
    act(r, 45, "p1", draft("n", by_rule(PL_PROCEDURE_SIMPLE)));
    act(r, 45, "p1", call("n", 1));
    struct pl_act ballot = vote("n", 1, PL_CHOICE_NO);
    ballot.vote.statement = S("BALLOT");
    act(r, 45, SPAIN, ballot);
    SILENT_ON(r, "BALLOT");
    DO(46, "p1", WITHDRAW_DECISION, withdraw_decision, .decision = S("n"), .reason = S("Too soon"));
    SAYS(r, "The draft decision “Title” was withdrawn. Reason given: “Too soon”.",
         "«" NB "Title" NB "» est retiré. Motif invoqué" NB ": «" NB "Too soon" NB "».");
    SILENT_ON(r, "BALLOT");
    tear_down(r);
}

static void without_a_quorum(void **state)
{
    (void)state;
    struct room room, *r = &room;
    prepare(r);
    r->definition.quorum = 2;
    r->now = TEN;
    comes(r, "p1");
    comes(r, NORWAY);
    comes(r, SPAIN);
    act(r, 1, "p1", draft("n", by_rule(PL_PROCEDURE_SIMPLE)));
    act(r, 1, "p1", call("n", 1));
    goes(r, SPAIN);
    struct pl_act ballot = vote("n", 1, PL_CHOICE_NO);
    ballot.vote.statement = S("BALLOT");
    act(r, 2, NORWAY, ballot);
    act(r, 3, "p1", close_it("n"));
    SAYS(r, "The draft decision “Title” was not decided on for want of a quorum.",
         "n’est pas mis en décision, faute de quorum (présents ou votants" NB ": 1" NNB
         "; requis" NB ": 2).");
    SILENT_ON(r, "BALLOT");
    tear_down(r);
}

/* By rule and numbers, in French; in English they are those of the record. */
static void majorities(void **state)
{
    (void)state;
    struct room room, *r = &room;
    meet(r);
    SAYS(r,
         "At 10:24 a recorded vote was taken on the draft decision “Guarantees” (version 1). Rule: "
         "Qualified majority: at least two thirds of the seats that vote yes or no.",
         "il est procédé au vote enregistré sur le projet de décision «" NB "Guarantees" NB
         "» (version 1). Règle" NB ": majorité qualifiée, soit au moins deux tiers des suffrages "
         "exprimés.");
    SAYS(r, "[EN] We decide. [FR] Nous décidons.", "[EN] We decide. [FR] Nous décidons.");
    SAYS(r,
         "The draft decision “Guarantees” was adopted. The result as declared: “Adopted by "
         "qualified "
         "majority: 2 of 3 seats",
         "est adopté à la majorité qualifiée" NB ": 2 voix pour, 1 contre, 0 abstention" NNB
         "; 1 membre ne vote pas. Voix pour" NB ": 2 sur 3 suffrages exprimés" NNB "; requis" NB
         ": au moins deux tiers (2).");
    SAYS(r, "In favour: Norway and Denmark. Against: Spain. Did not take a position: France.",
         "Votent pour" NB ": Norway et Denmark. Votent contre" NB ": Spain. Ne se prononcent pas" NB
         ": France.");
    SAYS(r, "Spain (against): [32] Not without a mandate. Our parliament decides.",
         "Spain (contre)" NB ": [32] Not without a mandate. Our parliament decides.");
    struct pl_act d = draft("w", by_rule(PL_PROCEDURE_QUALIFIED));
    d.put_decision.rule.has_weight_num = d.put_decision.rule.has_weight_den = true;
    d.put_decision.rule.weight_num = 65;
    d.put_decision.rule.weight_den = 100;
    d.put_decision.rule.has_base = true;
    d.put_decision.rule.base = PL_BASE_MEMBERS;
    d.put_decision.excluded[0].id = S("S4");
    d.put_decision.n_excluded = 1;
    act(r, 45, "p1", d);
    act(r, 45, "p1", call("w", 1));
    act(r, 45, NORWAY, vote("w", 1, PL_CHOICE_YES));
    act(r, 46, "p1", close_it("w"));
    SAYS(r, "Took no part: France.",
         "Règle" NB ": majorité qualifiée, soit au moins 65" NB
         "% du poids des membres participant au "
         "vote. Ne participent pas" NB ": France.");
    SAYS(r, "was not adopted. The result as declared: “Not adopted by qualified majority",
         "n’est pas adopté à la majorité qualifiée" NB ": 1 voix pour, 0 contre, 0 abstention" NNB
         "; 2 membres ne votent pas. Poids des voix pour" NB ": 29 sur 69" NNB "; requis" NB
         ": au moins 65" NB "% (45).");
    act(r, 47, "p1", draft("a", by_rule(PL_PROCEDURE_ABSOLUTE)));
    act(r, 47, "p1", call("a", 1));
    act(r, 47, NORWAY, vote("a", 1, PL_CHOICE_ABSTAIN));
    act(r, 48, "p1", close_it("a"));
    SAYS(r, "Abstaining: Norway.",
         "Voix pour" NB ": 0 sur 4 membres participant au vote" NNB "; requis" NB
         ": plus de la moitié (3).");
    tear_down(r);
}

static void consensus(void **state)
{
    (void)state;
    struct room room, *r = &room;
    meet(r);
    act(r, 45, "p1", draft("c", by_rule(PL_PROCEDURE_CONSENSUS)));
    act(r, 45, "p1", call("c", 1));
    act(r, 46, NORWAY, vote("c", 1, PL_CHOICE_JOIN));
    struct pl_act reservation = vote("c", 1, PL_CHOICE_JOIN_WITH_RESERVATION);
    reservation.vote.statement = S("Subject to our budget.");
    act(r, 46, DENMARK, reservation);
    uint64_t said = r->s->last;
    act(r, 46, SPAIN, vote("c", 1, PL_CHOICE_NATIONAL_STATEMENT));
    act(r, 47, "p1", close_it("c"));
    char english[100], french[100];
    snprintf(english, sizeof english, "Denmark (reservation): [%d] Subject to our budget.",
             (int)said);
    snprintf(french, sizeof french, "Denmark (réserve)" NB ": [%d] Subject to our budget.",
             (int)said);
    SAYS(r, "members were invited to adopt by consensus the draft decision “Title” (version 1).",
         "Règle" NB ": consensus, si aucun membre ne s’y oppose");
    SAYS(r, "was adopted. The result as declared: “Adopted by consensus",
         "est adopté par consensus. Membres se joignant au consensus" NB ": 3 sur 4.");
    SAYS(r,
         "Joined the consensus: Norway. Joined with a reservation: Denmark. Joined with a national "
         "statement: Spain. Did not take a position: France.",
         "Se joignent au consensus avec une réserve" NB ": Denmark.");
    SAYS(r, english, french);
    SAYS(r, "Spain (national statement): ", "Spain (déclaration nationale)" NB ": ");
    tear_down(r);
}

static void silence(void **state)
{
    (void)state;
    struct room room, *r = &room;
    meet(r);
    act(r, 45, "p1", draft("s", by_rule(PL_PROCEDURE_SILENCE)));
    act(r, 45, "p1", call_silence("s", 1, TEN + 100 * MINUTE));
    act(r, 46, NORWAY, vote("s", 1, PL_CHOICE_RECEIPT));
    DO(50, "p1", EXTEND_SILENCE, extend_silence, .decision = S("s"),
       .deadline = TEN + 24 * 60 * MINUTE, .time_zone = S("UTC"));
    DO(55, "p1", SET_SESSION, set_session, .session = PL_SESSION_STATE_CLOSED);
    SAYS(r,
         "the following draft decision was placed under silence: “Title” (version 1), until 25 "
         "November 2025, 11:42 UTC (read out in the time zone Europe/Brussels).",
         "est soumis à la procédure d’accord tacite" NB ": «" NB "Title" NB "» (version 1)" NNB
         "; échéance" NB ": 25 novembre 2025 à 11" NB "h" NB "42 UTC (annoncée dans le fuseau "
         "Europe/Brussels).");
    SAYS(r, "was extended until 26 November 2025, 10:02 UTC.",
         "est reportée au 26 novembre 2025 à 10" NB "h" NB "02 UTC.");
    r->now = TEN + 24 * 60 * MINUTE;
    assert_int_equal(expire(r), 1);
    SAYS(r, "After the meeting rose", "Après la levée de la séance");
    SAYS(r, "was adopted. The result as declared: “Adopted by silence",
         "est adopté par accord tacite" NB ": l’accord tacite n’est pas rompu avant l’échéance. "
         "Accusés de réception" NB ": 1 sur 4 membres participants.");
    SAYS(r, "Confirmed receipt: Norway.", "Accusent réception" NB ": Norway.");
    tear_down(r);
}

static void silence_that_is_broken(void **state)
{
    (void)state;
    struct room room, *r = &room;
    meet(r);
    act(r, 45, "p1", draft("s", by_rule(PL_PROCEDURE_SILENCE)));
    act(r, 45, "p1", call_silence("s", 1, TEN + 100 * MINUTE));
    struct pl_act again = {.type = PL_ACT_RESTART_SILENCE};
    again.restart_silence.decision = S("s");
    again.restart_silence.texts[0] = (struct pl_act_wording){S("EN"), S("We decide otherwise.")};
    again.restart_silence.n_texts = 1;
    again.restart_silence.deadline = TEN + 200 * MINUTE;
    again.restart_silence.time_zone = S("UTC");
    act(r, 46, "p1", again);
    struct pl_act broken = vote("s", 2, PL_CHOICE_BREAK_SILENCE);
    broken.vote.statement = S("No instructions.");
    act(r, 47, SPAIN, broken);
    SAYS(r,
         "The text was amended, and silence began anew at 10:48: “Title” (version 2), until 25 "
         "November 2025, 13:22 UTC. ",
         "la procédure d’accord tacite est relancée à 10" NB "h" NB "48");
    SAYS(r, "[EN] We decide otherwise.", "[EN] We decide otherwise.");
    SAYS(r, "was not adopted. The result as declared: “Not adopted by silence: Spain broke it.",
         "n’est pas adopté par accord tacite" NB ": l’accord tacite est rompu.");
    SAYS(r, "Spain (breaking silence): ", "Spain (rupture de l’accord tacite)" NB ": ");
    tear_down(r);
}

static void points_of_order_and_requests(void **state)
{
    (void)state;
    struct room room, *r = &room;
    meet(r);
    DO(45, SPAIN, REQUEST_FLOOR, request_floor, .kind = PL_FLOOR_KIND_POINT_OF_ORDER);
    int64_t entry = (int64_t)r->s->last;
    DO(45, "p1", GIVE_FLOOR, give_floor, .has_entry = true, .entry = entry);
    DO(46, "p1", RULE_ON, rule_on, .entry = entry, .upheld = true, .ruling = S("Granted"));
    SAYS(r, "Spain (Spain) spoke on a point of order from 10:47 to 10:48.",
         "Spain (Spain) présente une motion d’ordre de 10");
    SAYS(r, "The Chair ruled on the point of order raised by Spain and upheld it: “Granted”.",
         "La présidence statue sur la motion d’ordre (Spain) et y fait droit" NB ": «" NB
         "Granted");
    DO(47, SPAIN, ASK_ITEM, ask_item, .title = S("Airspace"), .reason = S("An incident"));
    DO(48, "p1", ANSWER_ASK, answer_ask, .ask = (int64_t)r->s->last, .granted = true);
    SAYS(r, "Spain requested urgent consultation on “Airspace”. Reason given: “An incident”.",
         "Spain demande une consultation d’urgence sur la question suivante" NB ": «" NB
         "Airspace");
    SAYS(r,
         "The Chair granted the request of Spain, and an item was put on the agenda: “Airspace”.",
         "La présidence fait droit à la demande (Spain)");
    DO(49, NORWAY, REQUEST_FLOOR, request_floor, .kind = PL_FLOOR_KIND_RIGHT_OF_REPLY);
    DO(49, "p1", GIVE_FLOOR, give_floor, .has_entry = true, .entry = (int64_t)r->s->last);
    SAYS(r, "Norway (Norway) spoke in exercise of the right of reply since 10:51.",
         "Norway (Norway) exerce son droit de réponse depuis 10");
    tear_down(r);
}

/* Notes, corrections, adoption */

#define CORRECT(at, by, e, what)                                                                   \
    DO(at, by, PROPOSE_CORRECTION, propose_correction, .event = e, .language = S("EN"),            \
       .text = S(what))

static void hash_of(const struct room *r, char out[PL_MINUTES_HASH_SIZE])
{
    struct pl_minutes *m = minutes_of(r);
    assert_int_equal(pl_minutes_hash(m, out), PL_OK);
    pl_minutes_free(m);
}

static void what_is_noted_and_corrected(void **state)
{
    (void)state;
    struct room room, *r = &room;
    meet(r);
    DO(45, "p3", ANNOTATE, annotate, .has_event = true, .event = 18, .text = S("In Norwegian."));
    DO(46, "p3", ANNOTATE, annotate, .item = S("i"), .text = S("Of the item."));
    DO(46, "p3", ANNOTATE, annotate, .has_event = true, .event = 1, .text = S("Of the first."));
    DO(46, "p3", ANNOTATE, annotate, .item = S("j"), .text = S("GONE"));
    DO(47, "p3", ANNOTATE, annotate, .has_note = true, .note = (int64_t)r->s->last, .text = S(""));
    SAYS(r, "to 10:10. [18] Note (Rapporteur): In Norwegian.",
         "Note (Rapporteur)" NB ": In Norwegian.");
    SAYS(r, "Item 1: Options [17] --------------- Note (Rapporteur): Of the item.", "Of the item.");
    SAYS(r, "Other notes ----------- On event [1] (Rapporteur): Of the first.",
         "Autres notes ------------ Sur l’événement [1] (Rapporteur)" NB ": Of the first.");
    SILENT_ON(r, "GONE");
    DO(60, "p1", SET_SESSION, set_session, .session = PL_SESSION_STATE_CLOSED);
    DO(61, "p1", OPEN_CORRECTIONS, open_corrections, .has_until = true, .until = TEN + 90 * MINUTE);
    CORRECT(62, NORWAY, 18, "Norway spoke twice.");
    int64_t first = (int64_t)r->s->last;
    SAYS(
        r,
        "Norway proposed that paragraph 4 [18] should read: “Norway spoke twice.” Not settled yet.",
        "Norway propose de libeller comme suit le paragraphe 4 [18]" NB ": «" NB
        "Norway spoke twice." NB "» En attente de décision.");
    CORRECT(62, SPAIN, 20, "Nothing.");
    SAYS(r, "Spain proposed that the line of event [20] should read: “Nothing.”", "événement [20]");
    DO(63, "p1", SETTLE_CORRECTION, settle_correction, .correction = first, .accepted = true);
    DO(63, "p1", SETTLE_CORRECTION, settle_correction, .correction = first + 1, .accepted = false,
       .words = S("It was so"));
    SAYS(r, "As corrected at the request of Norway: “Norway spoke twice.”",
         "Texte rectifié à la demande d’une délégation (Norway)" NB ": «" NB
         "Norway spoke twice." NB "»");
    SAYS(r, "The correction was accepted by the Chair.", "La rectification est acceptée");
    SAYS(r, "The correction was not accepted by the Chair. “It was so”.",
         "La rectification n’est pas acceptée par la présidence.");
    tear_down(r);
}

static void the_hash_is_of_both_texts(void **state)
{
    (void)state;
    struct room room, *r = &room;
    char got[PL_MINUTES_HASH_SIZE], want[PL_MINUTES_HASH_SIZE];
    uint8_t sum[PL_SHA256_SIZE];
    meet(r);
    struct pl_buf a = text_in(r, PL_MINUTES_EN), b = text_in(r, PL_MINUTES_FR);
    pl_buf_add(&a, b.data, b.len);
    pl_sha256(a.data, a.len, sum);
    pl_hex(sum, sizeof sum, want);
    hash_of(r, got);
    assert_string_equal(got, want);
    pl_buf_free(&a);
    pl_buf_free(&b);
    tear_down(r);
}

/* Nothing that comes after the session was closed changes them but what was meant to; and nothing
 * at all once they are adopted. */
static void adopted_minutes_are_fixed(void **state)
{
    (void)state;
    struct room room, *r = &room;
    char closed[PL_MINUTES_HASH_SIZE], now[PL_MINUTES_HASH_SIZE];
    meet(r);
    struct pl_act left = draft("x", by_rule(PL_PROCEDURE_SIMPLE));
    act(r, 59, "p1", left);
    DO(60, "p1", SET_SESSION, set_session, .session = PL_SESSION_STATE_CLOSED);
    hash_of(r, closed);
    goes(r, NORWAY);
    comes(r, NORWAY);
    DO(61, "p1", OPEN_CORRECTIONS, open_corrections, .has_until = true, .until = TEN + 62 * MINUTE);
    hash_of(r, now);
    assert_string_equal(now, closed);
    DO(61, "p3", ANNOTATE, annotate, .has_event = true, .event = 18, .text = S("x"));
    hash_of(r, now);
    assert_string_not_equal(now, closed);
    r->now = TEN + 63 * MINUTE;
    const struct pl_act adopt = {.type = PL_ACT_ADOPT_MINUTES, .adopt_minutes.hash = S(now)};
    act(r, 63, "p1", adopt);
    DO(64, "p1", WITHDRAW_DECISION, withdraw_decision, .decision = S("x"), .reason = S("Late"));
    goes(r, NORWAY);
    hash_of(r, closed);
    assert_string_equal(now, closed);
    tear_down(r);
}

/* Forms */

static void as_json_and_html(void **state)
{
    (void)state;
    struct room room, *r = &room;
    meet(r);
    r->definition.title = "Options <b>& more</b>";
    for (int i = 0; i < PL_MINUTES_LANGUAGES; i++) {
        struct pl_buf json = {0}, html = {0};
        struct pl_minutes *m = minutes_of(r);
        json_error_t error;
        pl_minutes_json(m, (enum pl_minutes_language)i, &json);
        json_t *parsed = json_loadb(json.data, json.len, JSON_REJECT_DUPLICATES, &error);
        assert_non_null(parsed);
        assert_string_equal(json_string_value(json_object_get(parsed, "language")),
                            pl_minutes_language_words[i]);
        size_t n, paragraphs = 0;
        json_t *line;
        json_array_foreach(json_object_get(parsed, "lines"), n, line)
        {
            json_t *number = json_object_get(line, "number");
            if (number)
                assert_int_equal(json_integer_value(number), ++paragraphs);
            assert_true(!number || json_integer_value(json_object_get(line, "event")) > 0);
        }
        assert_int_equal(paragraphs, 15);
        json_decref(parsed);
        pl_minutes_html(m, (enum pl_minutes_language)i, NULL, &html);
        assert_null(strstr(html.data, "<b>"));
        assert_non_null(strstr(html.data, "Options &lt;b&gt;&amp; more&lt;/b&gt;"));
        assert_non_null(strstr(html.data, "id=\"event-18\" href=\"#event-18\">[18]</a>"));
        assert_non_null(strstr(html.data, i ? "Provisoire" : "Provisional"));
        assert_null(strstr(html.data, "class=\"proof\"")); /* of nothing that is signed */
        pl_buf_free(&json);
        pl_buf_free(&html);
        pl_minutes_free(m);
    }
    r->definition.title = "T";
    tear_down(r);
}

/* What they are verified with; and what titles cannot do to the page. */
static void a_page_says_how_it_is_verified(void **state)
{
    (void)state;
    static const uint8_t root[32] = {1}, key[32] = {2};
    struct room room, *r = &room;
    struct pl_minutes_proof proof = {.page = "https://parley.example.org/verify",
                                     .origin = "parley.example.org/m2",
                                     .size = 77,
                                     .root = root,
                                     .key = key,
                                     .vkey = "parley.example.org/m2+00000000+AQ<"};
    meet(r);
    r->definition.title = "\"}</style><script>\\";
    r->definition.marking = "FOR\nMEMBERS";
    for (int i = 0; i < PL_MINUTES_LANGUAGES; i++) {
        struct pl_buf html = {0};
        struct pl_minutes *m = minutes_of(r);
        pl_minutes_html(m, (enum pl_minutes_language)i, &proof, &html);
        assert_non_null(strstr(html.data, i ? "Vérifier ce procès-verbal" : "How to verify"));
        assert_non_null(strstr(html.data, "<code>https://parley.example.org/verify</code>"));
        assert_non_null(strstr(html.data, "<svg class=\"qr\""));
        assert_non_null(strstr(html.data, "<dd>77</dd>"));
        assert_non_null(strstr(html.data, "<dd>AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=</dd>"));
        assert_non_null(strstr(html.data, "+AQ&lt;</dd>"));
        assert_null(strstr(html.data, "<script"));
        assert_non_null(
            strstr(html.data, "content:\"\\22 }\\3c /style\\3e \\3c script\\3e \\5c \""));
        assert_non_null(strstr(html.data, "content:\"FOR\\a MEMBERS\""));
        assert_non_null(strstr(html.data, i ? "\" sur \"" : "\" of \""));
        pl_buf_clear(&html);
        proof.page = "";
        pl_minutes_html(m, (enum pl_minutes_language)i, &proof, &html);
        assert_null(strstr(html.data, "<svg")); /* it would lead nowhere */
        assert_non_null(strstr(html.data, "<code>/verify</code>"));
        proof.page = "https://parley.example.org/verify";
        pl_buf_free(&html);
        pl_minutes_free(m);
    }
    r->definition.title = "T";
    r->definition.marking = NULL;
    tear_down(r);
}

/* Lines are as long as they may be, and no longer. */
static void text_is_wrapped(void **state)
{
    (void)state;
    struct room room, *r = &room;
    meet(r);
    struct pl_buf text = text_in(r, PL_MINUTES_FR);
    size_t longest = 0, at = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '\n')
            at = 0;
        else
            at += ((unsigned char)text.data[i] & 0xc0) != 0x80;
        longest = at > longest ? at : longest;
    }
    assert_true(longest > 70 && longest <= 78);
    pl_buf_free(&text);
    tear_down(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_happened),
        cmocka_unit_test(who_attended),
        cmocka_unit_test(absences),
        cmocka_unit_test(what_was_consulted),
        cmocka_unit_test(countries_are_called_so_in_french),
        cmocka_unit_test(what_not_all_may_see),
        cmocka_unit_test(without_a_quorum),
        cmocka_unit_test(majorities),
        cmocka_unit_test(consensus),
        cmocka_unit_test(silence),
        cmocka_unit_test(silence_that_is_broken),
        cmocka_unit_test(points_of_order_and_requests),
        cmocka_unit_test(what_is_noted_and_corrected),
        cmocka_unit_test(the_hash_is_of_both_texts),
        cmocka_unit_test(adopted_minutes_are_fixed),
        cmocka_unit_test(as_json_and_html),
        cmocka_unit_test(a_page_says_how_it_is_verified),
        cmocka_unit_test(text_is_wrapped),
    };
    return cmocka_run_group_tests_name("minutes", tests, NULL, NULL);
}

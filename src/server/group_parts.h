/* What the files of the groups share, and nobody else includes: see group.h. */
#ifndef PL_SERVER_GROUP_PARTS_H
#define PL_SERVER_GROUP_PARTS_H

#include "server/group.h"

/* group.c */
bool pl_group_is_meetings(
    const struct pl_group *g); /* that of the whole meeting, which gates media */
struct pl_group *pl_group_find(struct pl_conference *c, struct pl_circle circle);
/* One more; NULL without memory. */
struct pl_group *pl_group_add(struct pl_conference *c, struct pl_str name, struct pl_circle circle);
struct pl_in_group *pl_group_place(const struct pl_group *g,
                                   const struct pl_member *m); /* or NULL */
/* The same, or a new one; NULL without memory. */
struct pl_in_group *pl_group_give_place(struct pl_group *g, struct pl_member *m);
/* Is the member of its circle, in the room, and connected? */
bool pl_group_admits(const struct pl_group *g, const struct pl_member *m);
void pl_group_update_media(const struct pl_group *g, struct pl_member *m);
void pl_group_drop_package(struct pl_in_group *p);
void pl_group_leave(struct pl_in_group *p);      /* their leaf is to be removed; frees p */
void pl_group_forget(struct pl_in_group *p);     /* frees p */
void pl_group_state_changed(struct pl_group *g); /* who has the keys, or may commit */
void pl_group_work_changed(struct pl_group *g);  /* and what waits for a commit */
/* Lists of participants: n where there is none of this id; once each, and as long as there is room.
 */
size_t pl_group_find_id(char (*list)[PL_PARTICIPANT_ID_SIZE], size_t n, struct pl_str id);
void pl_group_add_id(char (*list)[PL_PARTICIPANT_ID_SIZE], size_t *n, size_t max, const char *id);

void pl_group_wake(struct pl_group *g, pl_time_us at);
/* Nobody of it is left who could let anybody in: the next who comes creates another. */
void pl_group_retire(struct pl_group *g);

/* group_message.c */
/* A commit, or a committer, left them out, should they have been offered. */
void pl_group_left_out(struct pl_in_group *p);

/* group_told.c */
void pl_group_tell(const struct pl_group *g, struct pl_member *m);
void pl_group_tell_all(const struct pl_group *g); /* whom it admits */
void pl_group_tell_work(struct pl_group *g);      /* the committer: what waits; is offered then */
void pl_group_tell_state(const struct pl_group *g, size_t acked, size_t of);
void pl_group_tell_missed(const struct pl_in_group *p);
void pl_group_tell_commit(struct pl_group *g, const struct pl_member *by,
                          const struct pl_to_server_commit *commit);
void pl_group_tell_welcome(const struct pl_in_group *p, const struct pl_member *by,
                           struct pl_str welcome);
void pl_group_tell_refused(const struct pl_in_group *p);
void pl_group_tell_info(const struct pl_in_group *p);
void pl_group_tell_sealed(struct pl_group *g, const struct pl_member *by,
                          const struct pl_to_server_sealed *sealed);
void pl_group_tell_dropped(struct pl_member *m); /* nobody added them */

#endif

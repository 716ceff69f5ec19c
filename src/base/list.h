/* Intrusive doubly linked list. A node is in one list at a time; who owns the object owns the node.
 */
#ifndef PL_BASE_LIST_H
#define PL_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct pl_list {
    struct pl_list *prev, *next;
};

#define pl_container_of(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

/* Visits every object of the list; the current one may be removed or freed in the body. */
#define pl_list_each(type, it, head, member)                                                       \
    for (type *it = pl_container_of((head)->next, type, member),                                   \
              *it##_next = pl_container_of(it->member.next, type, member);                         \
         &it->member != (head);                                                                    \
         it = it##_next, it##_next = pl_container_of(it->member.next, type, member))

static inline void pl_list_init(struct pl_list *head)
{
    head->prev = head->next = head;
}

static inline bool pl_list_empty(const struct pl_list *head)
{
    return head->next == head;
}

static inline void pl_list_push(struct pl_list *head, struct pl_list *node)
{
    node->prev = head->prev;
    node->next = head;
    head->prev->next = node;
    head->prev = node;
}

/* Takes the node out and leaves it empty, so that taking it out twice is harmless. */
static inline void pl_list_remove(struct pl_list *node)
{
    node->prev->next = node->next;
    node->next->prev = node->prev;
    pl_list_init(node);
}

#endif

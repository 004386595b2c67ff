/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The kernel structures that the sources read, reduced to the fields that they use. Offsets are
 * relocated at load time against the BTF of the running kernel (CO-RE), so this file replaces a
 * generated vmlinux.h and yields the same bytes on every machine. A suffix after ___ marks the
 * variant of another kernel. */
#pragma once

#include <linux/bpf.h>
#include <linux/in6.h>
#include <linux/types.h>

typedef _Bool bool;
#define true 1
#define false 0
#define NULL ((void*)0)

typedef struct {
    int counter;
} atomic_t;

typedef struct {
    __s64 counter;
} atomic64_t;

#define TASK_RUNNING 0
#define PF_KTHREAD 0x00200000
#define TCP_ESTABLISHED 1
#define TCP_SYN_SENT 2
#define TCP_CLOSE 7
#define TCP_LISTEN 10
#define IPPROTO_TCP 6
#define IPPROTO_UDP 17
#define AF_INET6 10
#define MM_FILEPAGES 0
#define MM_ANONPAGES 1
#define MM_SHMEMPAGES 3
#define NR_MM_COUNTERS 4
#define PAGE_SHIFT 12 /* x86_64 */

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct super_block {
    __u32 s_dev;
    unsigned long s_magic;
};
struct inode {
    unsigned long i_ino;
    const unsigned int i_nlink;
    struct super_block* i_sb;
};
struct file {
    struct inode* f_inode;
    void* private_data;
};

struct percpu_counter {
    __s64 count;
};
struct mm_struct { /* from 6.2 */
    struct percpu_counter rss_stat[NR_MM_COUNTERS];
    atomic64_t hugetlb_usage; /* in base pages */
    struct file* exe_file;
};
struct mm_rss_stat {
    atomic64_t count[NR_MM_COUNTERS];
};
struct mm_struct___before_6_2 {
    struct mm_rss_stat rss_stat;
};

struct kernfs_node {
    __u64 id;
};
struct cgroup {
    struct kernfs_node* kn;
};
struct css_set {
    struct cgroup* dfl_cgrp;
};

typedef struct {
    __u32 val;
} kuid_t;
struct cred {
    kuid_t uid;
};

struct task_io_accounting {
    __u64 rchar;
    __u64 wchar;
    __u64 read_bytes;
    __u64 write_bytes;
    __u64 cancelled_write_bytes;
};
struct list_head {
    struct list_head* next;
};
struct signal_struct {
    atomic_t live;
    struct list_head thread_head; /* of task_struct.thread_node */
    int nr_threads;
    int group_exit_code;
    __u64 sum_sched_runtime;
    struct task_io_accounting ioac;
};
struct sched_entity {
    __u64 sum_exec_runtime;
};

struct fxregs_state {
    __u32 mxcsr;
};
struct xstate_header {
    __u64 xfeatures;
};
struct xregs_state {
    struct xstate_header header;
};
union fpregs_state {
    struct fxregs_state fxsave;
    struct xregs_state xsave;
};
struct fpstate {
    unsigned int is_guest : 1;
    union fpregs_state regs;
};
struct fpu { /* from 5.16 */
    struct fpstate* fpstate;
};
struct fpu___before_5_16 {
    union fpregs_state state;
};
struct thread_struct___before_6_16 {
    struct fpu fpu;
};
struct thread_struct___before_5_16 {
    struct fpu___before_5_16 fpu;
};

struct thread_info {
    __u32 cpu; /* from 5.16 */
};
struct task_struct {
    struct thread_info thread_info;
    unsigned int __state; /* from 5.14 */
    int on_cpu;
    unsigned int flags;
    int pid;
    int tgid;
    int exit_code;
    int static_prio;
    unsigned int policy;
    int nr_cpus_allowed;
    __u64 start_boottime;
    __u64 self_exec_id;
    __u64 utime;
    __u64 stime;
    unsigned long nvcsw;
    unsigned long nivcsw;
    struct sched_entity se;
    struct task_io_accounting ioac;
    struct task_struct* group_leader;
    struct task_struct* real_parent;
    struct list_head thread_node; /* in signal_struct.thread_head */
    struct signal_struct* signal;
    struct mm_struct* mm;
    const struct cred* cred;
    struct css_set* cgroups;
    char comm[16];
};
struct task_struct___before_6_16 {
    struct thread_struct___before_6_16 thread;
};
struct task_struct___before_5_16 {
    struct thread_struct___before_5_16 thread;
    unsigned int cpu;
};
struct task_struct___before_5_14 {
    long state;
};

struct linux_binprm {
    struct file* file;
    const char* filename;
};

struct ns_common {
    unsigned int inum;
};
struct net {
    struct ns_common ns;
};
typedef struct {
    struct net* net;
} possible_net_t;
struct sock_common {
    __be32 skc_daddr;
    __be32 skc_rcv_saddr;
    __be16 skc_dport; /* network order */
    __u16 skc_num;    /* host order */
    unsigned short skc_family;
    volatile unsigned char skc_state;
    possible_net_t skc_net;
    struct in6_addr skc_v6_daddr;
    struct in6_addr skc_v6_rcv_saddr;
    atomic64_t skc_cookie;
};
struct sock {
    struct sock_common __sk_common;
    __u16 sk_protocol;
};
struct socket {
    struct sock* sk;
};
struct tcp_sock {
    __u32 rcv_nxt;
    __u32 snd_una;
    __u32 data_segs_in;
    __u32 data_segs_out;
    __u64 bytes_sent;
    __u64 bytes_acked;
    __u64 bytes_received;
};

struct seq_file;
struct bpf_iter_meta {
    struct seq_file* seq;
    __u64 session_id;
    __u64 seq_num;
};
struct bpf_iter__task {
    struct bpf_iter_meta* meta;
    struct task_struct* task;
};
struct bpf_iter__task_file {
    struct bpf_iter_meta* meta;
    struct task_struct* task;
    __u32 fd;
    struct file* file;
};
struct bpf_map;
struct bpf_iter__bpf_sk_storage_map {
    struct bpf_iter_meta* meta;
    struct bpf_map* map;
    struct sock* sk;
    void* value;
};

#pragma clang attribute pop

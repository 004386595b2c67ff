// SPDX-License-Identifier: Apache-2.0
// Preloaded into a program: runs its main in a second thread and ends the first one, as a program
// may that wants /proc/PID to show a zombie.
#define _GNU_SOURCE
#include <sys/syscall.h>

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

typedef int main_function(int, char**, char**);

static struct {
    main_function* main;
    int argc;
    char** argv;
    char** envp;
} program;

static void* run(void* unused) {
    (void)unused;
    usleep(100000); // until the first thread has ended
    exit(program.main(program.argc, program.argv, program.envp));
}

static int leave(int argc, char** argv, char** envp) {
    program.argc = argc;
    program.argv = argv;
    program.envp = envp;
    pthread_t thread;
    if (pthread_create(&thread, NULL, run, NULL) != 0) return 70;
    syscall(SYS_exit, 0);
    return 70;
}

typedef int start_function(main_function*, int, char**, void (*)(void), void (*)(void),
                           void (*)(void), void*);

int __libc_start_main(main_function* main, int argc, char** argv, void (*init)(void),
                      void (*fini)(void), void (*rtld_fini)(void), void* stack_end) {
    program.main = main;
    start_function* start = (start_function*)dlsym(RTLD_NEXT, "__libc_start_main");
    return start(leave, argc, argv, init, fini, rtld_fini, stack_end);
}

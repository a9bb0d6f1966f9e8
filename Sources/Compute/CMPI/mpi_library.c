#define _GNU_SOURCE
#include "include/mpi_library.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Numbers of Open MPI's binary interface, which its versions 1.x to 5.x share.
enum { THREAD_SERIALIZED = 2, THREAD_MULTIPLE = 3, MESSAGE_TAG = 7 };

struct MPILibrary {
    void *world, *byte, *errors_return;
    int (*init)(int *argc, char ***argv, int required, int *provided);
    int (*finalize)(void);
    int (*set_handler)(void *communicator, void *handler);
    int (*error_string)(int error, char *text, int *length);
    int (*rank)(void *communicator, int *rank);
    int (*size)(void *communicator, int *size);
    int (*split)(void *communicator, int color, int key, void **result);
    int (*broadcast)(void *bytes, int count, void *type, int root, void *communicator);
    int (*send)(const void *bytes, int count, void *type, int rank, int tag, void *communicator, void **request);
    int (*receive)(void *bytes, int count, void *type, int rank, int tag, void *communicator, void **request);
    int (*test_all)(int count, void **requests, int *done, void *statuses);
};

static void *find(void *handle, const char *name, int *missing, char *reason, size_t capacity) {
    void *symbol = dlsym(handle, name);
    if (!symbol && !*missing) {
        *missing = 1;
        snprintf(reason, capacity, "the MPI library has no %s: it isn't Open MPI", name);
    }
    return symbol;
}

MPILibrary *mpi_library_open(char *reason, size_t capacity) {
    // Its plug-ins look for its symbols among the program's.
    void *handle = dlopen("libmpi.so.40", RTLD_NOW | RTLD_GLOBAL);
    if (!handle) handle = dlopen("libmpi.so", RTLD_NOW | RTLD_GLOBAL);
    if (!handle) {
        const char *error = dlerror();
        snprintf(reason, capacity, "%s", error ? error : "there is no libmpi.so.40");
        return NULL;
    }
    MPILibrary *library = calloc(1, sizeof *library);
    if (!library) return NULL;
    int missing = 0;
#define FIND(member, name) *(void **)&library->member = find(handle, name, &missing, reason, capacity)
    FIND(world, "ompi_mpi_comm_world");
    FIND(byte, "ompi_mpi_byte");
    FIND(errors_return, "ompi_mpi_errors_return");
    FIND(init, "MPI_Init_thread");
    FIND(finalize, "MPI_Finalize");
    FIND(set_handler, "MPI_Comm_set_errhandler");
    FIND(error_string, "MPI_Error_string");
    FIND(rank, "MPI_Comm_rank");
    FIND(size, "MPI_Comm_size");
    FIND(split, "MPI_Comm_split");
    FIND(broadcast, "MPI_Bcast");
    FIND(send, "MPI_Isend");
    FIND(receive, "MPI_Irecv");
    FIND(test_all, "MPI_Testall");
#undef FIND
    if (!missing) return library;
    free(library);
    return NULL;
}

int mpi_library_start(MPILibrary *library) {
    int provided = 0;
    int error = library->init(NULL, NULL, THREAD_MULTIPLE, &provided);
    if (error) return error;
    if (provided < THREAD_SERIALIZED) return -1;
    return library->set_handler(library->world, library->errors_return);
}

void mpi_library_finish(MPILibrary *library) { library->finalize(); }

void mpi_library_explain(MPILibrary *library, int error, char *text) {
    int length = 0;
    if (error == -1 || library->error_string(error, text, &length) != 0) strcpy(text, "it can't be used by several threads");
}

void *mpi_world(MPILibrary *library) { return library->world; }

int mpi_rank(MPILibrary *library, void *communicator, int *rank) { return library->rank(communicator, rank); }

int mpi_size(MPILibrary *library, void *communicator, int *size) { return library->size(communicator, size); }

int mpi_split(MPILibrary *library, void *communicator, int color, int key, void **result) {
    int error = library->split(communicator, color, key, result);
    return error ? error : library->set_handler(*result, library->errors_return);
}

int mpi_broadcast(MPILibrary *library, void *communicator, void *bytes, int count) {
    return library->broadcast(bytes, count, library->byte, 0, communicator);
}

int mpi_begin_send(MPILibrary *library, void *communicator, const void *bytes, int count, int rank, void **request) {
    return library->send(bytes, count, library->byte, rank, MESSAGE_TAG, communicator, request);
}

int mpi_begin_receive(MPILibrary *library, void *communicator, void *bytes, int count, int rank, void **request) {
    return library->receive(bytes, count, library->byte, rank, MESSAGE_TAG, communicator, request);
}

int mpi_test_all(MPILibrary *library, void **requests, int count, int *done) {
    return library->test_all(count, requests, done, NULL);
}

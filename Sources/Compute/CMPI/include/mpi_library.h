// Open MPI without its headers: the library is found at run time, so that a program that never asks for it needs none.
//
// Its handles are addresses: those of communicators and types that it exports, and of requests that it makes.
#pragma once

#include <stddef.h>

/// The functions of a library that was found.
typedef struct MPILibrary MPILibrary;

/// Opens the library and checks that it is Open MPI; `NULL` with a reason of up to `capacity` bytes when it can't be had.
MPILibrary *mpi_library_open(char *reason, size_t capacity);

/// Starts MPI for calls from any thread, one at a time. 0, or MPI's error.
int mpi_library_start(MPILibrary *library);

/// Ends MPI, waiting for all ranks.
void mpi_library_finish(MPILibrary *library);

/// What an error means, in at least 512 bytes.
void mpi_library_explain(MPILibrary *library, int error, char *text);

/// The communicator of all ranks.
void *mpi_world(MPILibrary *library);

int mpi_rank(MPILibrary *library, void *communicator, int *rank);
int mpi_size(MPILibrary *library, void *communicator, int *size);

/// The communicator of those that give the same color, in the order of their ranks.
int mpi_split(MPILibrary *library, void *communicator, int color, int key, void **result);

/// Copies `count` bytes of rank 0 to all.
int mpi_broadcast(MPILibrary *library, void *communicator, void *bytes, int count);

/// Begins to send or to receive up to 2^31 - 1 bytes.
int mpi_begin_send(MPILibrary *library, void *communicator, const void *bytes, int count, int rank, void **request);
int mpi_begin_receive(MPILibrary *library, void *communicator, void *bytes, int count, int rank, void **request);

/// Whether all requests are done; then they are forgotten.
int mpi_test_all(MPILibrary *library, void **requests, int count, int *done);

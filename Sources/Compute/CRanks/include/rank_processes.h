// What processes of one start need of the operating system.
#pragma once

/// Has the kernel kill this process when the thread that started it ends. 0, or -1 when `parent` isn't the parent any more.
int rank_die_with(int parent);

/// How a process that this one started has ended: 1 with its exit status, 2 with the signal that ended it; 0 while it runs;
/// -1 when there is no such process.
int rank_process_end(int process, int *number);

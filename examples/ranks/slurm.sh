#!/bin/bash
# Two machines of two sockets each, one rank a socket: sbatch examples/ranks/slurm.sh
#SBATCH --job-name=trtllm-serve
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=2
#SBATCH --ntasks-per-socket=1
#SBATCH --exclusive
set -euo pipefail

MODEL=${MODEL:?is the model: a file or a name on a hub}

# What the ranks prove to each other that they know. srun hands it on, and it is in no command line.
TRTLLM_RANK_SECRET=$(openssl rand -hex 32)
export TRTLLM_RANK_SECRET

# Ranks of one pipeline stage are neighbours, here the two sockets of a machine, which share memory; a token goes from
# machine to machine once. Every rank is bound by the server itself, to its part of what srun leaves it.
srun --cpu-bind=none --kill-on-bad-exit=1 \
    trtllm-llmapi-launch trtllm-serve "$MODEL" --tp_size 2 --pp_size 2 --gpus_per_node 2 --host 0.0.0.0 --port 8000

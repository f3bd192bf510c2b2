/** `whyoom --help`: 47 lines and 80 columns. A test holds it to the options that exist. */
export const HELP = `whyoom: what holds the memory of a Python program, and which line feeds it

  whyoom TYPE/NAME             diagnose a workload in Kubernetes (or POD, -l LABELS)
  whyoom --pid PID             diagnose a running process (and what it started)
  whyoom -- python app.py      start a program, diagnose it, end it
  whyoom --logs FILE…          what the logs of a program say (-: standard input)
  whyoom preflight TYPE/NAME   what may be checked there; the Role for the rest
  whyoom heap TYPE/NAME        what is in a heap, who holds it (or --pid, FILE, --)
  whyoom stacks TYPE/NAME      what threads and asyncio tasks are doing (or --pid)
  whyoom open CASE             judge a saved case again
  whyoom compare OLD NEW       what grew from one case to another, is new, was fixed
  whyoom demo [NAME]           run a leaking program and diagnose it (--list: all)

  --for 20s          how long to watch at most (500ms, 30s, 2m, 1h; 0: one look)
  --max-pause 1s     how long the target may stand still, a look (0: memory alone)
  --source DIR       the code, where the target's own files cannot be read
  --save PATH        keep what was gathered as a case, or the heap as a file
  --baseline CASE    compare with an earlier case: growth over hours
  -o, --output FMT   terminal (default), json, markdown, html, name
  --path-to OBJECT   who keeps an address or the objects of a type (whyoom heap)
  --types 15, --holders 12     rows of the tables of whyoom heap
  --exit-code        exit 0 healthy, 1 leak or OOM risk, 2 undecided
  --no-color         no colours (as NO_COLOR does)
  -V, --version      -h, --help

In Kubernetes, as with kubectl:
  -n, --namespace    -l, --selector    -c, --container    --request-timeout 30s
  --kubeconfig       --context         --cluster          --user
  --as               --as-group        --as-uid
  --since 1h, --tail 1000, --log-bytes 16Mi    how much of the logs, a container
  --prometheus URL   ask this Prometheus (else one in the cluster is looked for)
  --allow exec       how far to go, all of it: api, exec (default), node-stats,
                     ephemeral (adds a container to the pod)
  --dry-run          say what would be asked, changed and run, and do nothing
  --yes              add a container to a pod without asking
  --wait-start 6m    wait for the next start of a container that does not run
  --no-probe         do not ask the pod's ports for /metrics and debug pages

Reading a process takes its user or root. It is paused for a moment, never changed.
A cluster is only read. Ctrl-C reports what is known so far.
Exit 3: it could not be done, 4: wrong usage.
`;

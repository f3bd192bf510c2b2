/** The runbook's commands on status, logs and memory, in its order and as it writes them; what asks for exec or a browser is left out. */
const COMMANDS = [
  'kubectl get pods -n {namespace} -l app={app_name}',
  'kubectl describe pod -n {namespace} -l app={app_name}',
  'kubectl top pod -n {namespace} -l app={app_name}',
  'kubectl logs -n {namespace} -l app={app_name} --tail=100 | grep -E "(memory|Memory|ERROR|WARNING|GC|Cache|processed)"',
  'kubectl logs -n {namespace} -l app={app_name} | grep -E "size:|count:|total:|cache"',
  'kubectl logs -n {namespace} -l app={app_name} | grep -E "Processing|processed|Batch"',
  'kubectl top pod -n {namespace} -l app={app_name} --use-protocol-buffers',
  'kubectl logs -n {namespace} -l app={app_name} --tail=50',
  'kubectl top pod -n {namespace} -l app={app_name}',
  'kubectl describe pod -n {namespace} -l app={app_name} | grep -A3 "Limits:"',
  'kubectl logs -n {namespace} -l app={app_name} | grep -E "tracemalloc|Top.*memory blocks"',
  'kubectl logs -n {namespace} -l app={app_name} | grep -E "Created|Allocated|New.*object"',
  'kubectl logs -n {namespace} -l app={app_name} | grep -E "gc\\.|GC|garbage"',
];

export const runbook = (namespace: string, app: string): string[] =>
  COMMANDS.map((command) => command.replaceAll('{namespace}', namespace).replaceAll('{app_name}', app));

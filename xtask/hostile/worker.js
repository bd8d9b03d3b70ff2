// As a service worker and as a worker: what a page may not reach, its workers may not either.
for (const address of self.plan.addresses) fetch(`${address}/worker`, { mode: "no-cors" }).catch(() => {});
if (self.postMessage) self.postMessage("tried");

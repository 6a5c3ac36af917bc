// A page opened from a folder may start no Worker. The search then runs in a frame that is not shown.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super();
      const frame = document.createElement("iframe");
      frame.hidden = true;
      this.ready = new Promise((resolve) => {
        // The worker's script answers with postMessage(data), which in a frame is another function.
        window.addEventListener("message", (event) => {
          if (event.source !== frame.contentWindow) return;
          if (event.data === "ready") resolve(frame.contentWindow);
          else this.dispatchEvent(new MessageEvent("message", { data: event.data }));
        });
      });
      const script = new URL(url, location.href).href.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
      frame.srcdoc =
        `<script>var postMessage = (data) => parent.postMessage(data, "*")</` + `script>` +
        `<script src="${script}"></` + `script><script>postMessage("ready")</` + `script>`;
      document.documentElement.append(frame);
    }
    postMessage(data) {
      this.ready.then((to) => to.dispatchEvent(new MessageEvent("message", { data })));
    }
    terminate() {}
  };
}

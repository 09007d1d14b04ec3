// Measures what a hand feels, the same way for every widget: from a pointer event to the end of
// the first frame painted after the page drew something for it; and the frames themselves.
(() => {
  const probe = (window.probe = { latencies: [], frames: [], work: [], on: false });
  let waiting = null; // when the oldest move that was not yet painted arrived
  let drew = false;
  let inFrame = false;
  let last = 0;
  const channel = new MessageChannel();
  channel.port1.onmessage = () => {
    // a task of its own after the frame: painting is done by now
    if (waiting === null || !drew) return;
    if (probe.on) probe.latencies.push(performance.now() - waiting);
    waiting = null;
    drew = false;
  };
  const painted = () => channel.port2.postMessage(null);
  const request = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (work) =>
    request((time) => {
      inFrame = true;
      const began = performance.now();
      try {
        work(time);
      } finally {
        inFrame = false;
        if (probe.on) probe.work.push(performance.now() - began);
      }
    });
  const seen = () => {
    if (waiting === null || drew) return;
    drew = true;
    if (inFrame) painted();
    else request(painted);
  };
  for (const name of ["drawImage", "stroke", "strokeRect", "fillRect", "clearRect", "putImageData", "fill"]) {
    const own = CanvasRenderingContext2D.prototype[name];
    CanvasRenderingContext2D.prototype[name] = function (...args) {
      if (this.canvas.isConnected || this.canvas.width > 300) seen();
      return own.apply(this, args);
    };
  }
  const inWidget = ({ target }) => target.parentElement?.closest(".jp-OutputArea") != null;
  new MutationObserver((records) => records.some(inWidget) && seen()).observe(document, {
    subtree: true,
    childList: true,
    attributes: true,
    attributeFilter: ["d", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "width", "height", "style", "points", "transform"],
  });
  const moved = (event) => {
    if (event.buttons > 0 || probe.hover) waiting ??= performance.now();
  };
  window.addEventListener("pointermove", moved, { capture: true });
  const tick = (time) => {
    if (probe.on && last > 0) probe.frames.push(time - last);
    last = time;
    request(tick);
  };
  request(tick);
})();

(function () {
  var still = matchMedia("(prefers-reduced-motion: reduce)");
  document.querySelectorAll("video[data-nnreel-autoplay]").forEach(function (video) {
    if (video.dataset.nnreelAutoplay === "on") return;
    video.dataset.nnreelAutoplay = "on";
    var seen = false, ours = false, stopped = false;
    function decide() {
      var go = [seen, !still.matches, !document.hidden, !stopped].every(Boolean);
      if (go === !video.paused) return;
      ours = true;
      if (go) video.play().catch(function () { ours = false; });
      else video.pause();
    }
    video.addEventListener("play", function () { if (!ours) stopped = false; ours = false; });
    video.addEventListener("pause", function () { if (!ours) stopped = true; ours = false; });
    new IntersectionObserver(function (entries) {
      seen = entries[entries.length - 1].isIntersecting;
      decide();
    }, { threshold: 0.25 }).observe(video);
    still.addEventListener("change", decide);
    document.addEventListener("visibilitychange", decide);
  });
})();

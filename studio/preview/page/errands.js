// The buttons that leave something behind: a still in a file, an embed on the clipboard.

const $ = (id) => document.getElementById(id);
let fading = 0;

export function toast(text, link = null) {
  const box = $("toast");
  box.replaceChildren(text);
  if (link) box.append(" ", Object.assign(document.createElement("a"), { href: link, target: "_blank", textContent: "Open" }));
  box.hidden = false;
  clearTimeout(fading);
  fading = setTimeout(() => { box.hidden = true; }, link ? 12000 : 6000);
}

export function errands(here, ask) {
  const what = () => (document.querySelector("[name=what]:checked").value === "beat" ? here().beat : null);

  async function still() {
    $("still-save").disabled = true;
    toast("Drawing this frame at full quality …");
    try {
      const made = await ask("still", here());
      toast(`Saved ${made.path}.`, made.url);
    } catch (error) {
      toast(error.message);
    }
    $("still-save").disabled = false;
  }

  async function marker() {
    $("snippets").hidden = true;
    try {
      $("marker").value = (await ask("marker", { beat: what() })).marker;
    } catch (error) {
      toast(error.message);
    }
  }

  async function pack() {
    const button = $("pack-make");
    button.disabled = true;
    button.textContent = "Making the files …";
    try {
      const made = await ask("embed", { beat: what() });
      for (const [kind, text] of Object.entries(made.snippets)) $(kind).value = text;
      $("pack").textContent = `The files are in ${made.folder}.`;
      $("snippets").hidden = false;
    } catch (error) {
      toast(error.message);
    }
    button.disabled = false;
    button.textContent = "Make the files and their snippets";
  }

  function embed() {
    $("embed").showModal();
    marker();
  }

  for (const input of document.querySelectorAll("[name=what]")) input.addEventListener("change", marker);
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.addEventListener("click", async () => {
      const area = $(button.dataset.copy);
      area.select();
      await navigator.clipboard.writeText(area.value).catch(() => document.execCommand("copy"));
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
  }
  $("pack-make").addEventListener("click", pack);
  return { still, embed };
}

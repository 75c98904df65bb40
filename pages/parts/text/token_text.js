// Tokens to click. Text goes in as text, never as markup. Spans, because a button would not let a token
// with a line break begin a new line.

export default ({ parentElement, data, setTriggerValue }) => {
    const root = parentElement.querySelector(".tokens");
    root.setAttribute("aria-label", data.alt);
    root.classList.toggle("cut", data.cut);
    while (root.childElementCount > data.rows.length) root.lastChild.remove();
    data.rows.forEach((row, i) => {
        let button = root.children[i];
        if (!button) {
            button = document.createElement("span");
            button.role = "button";
            button.onclick = () => setTriggerValue("clicked", i);
            root.append(button);
        }
                // A part of a character adds nothing to the text, but it is a token.
        const text = data.cut ? (row.text || "▯").replace(/\n/g, "⏎\n") : row.text;
        if (button.textContent !== text) button.textContent = text;
        button.className = i < data.prompt ? "prompt" : "";
        button.title = row.hint;
        button.setAttribute("aria-label", text.trim() ? text : text.includes("\n") ? "line break" : "space");
        button.setAttribute("aria-pressed", i === data.selected);
        button.style.background = row.shade
            ? `color-mix(in srgb, var(--st-primary-color) ${Math.round(55 * row.shade)}%, transparent)`
            : "";
    });
    roving(root, () => [...root.children]);
};

// Images to click. Their size follows the width they are given: `columns` of them in a row.

export default ({ parentElement, data, setTriggerValue }) => {
    const root = parentElement.querySelector(".images");
    root.setAttribute("aria-label", data.alt);
    root.style.gridTemplateColumns = `repeat(${data.columns}, 1fr)`;
    root.style.maxWidth = data.width ? `${data.width}px` : "none";
    while (root.childElementCount > data.images.length) root.lastChild.remove();
    data.images.forEach((entry, i) => {
        let button = root.children[i];
        if (!button) {
            button = document.createElement("button");
            button.append(document.createElement("img"), document.createElement("span"));
            root.append(button);
        }
        button.onclick = () => setTriggerValue("clicked", i);
        button.setAttribute("aria-pressed", i === data.selected);
        button.setAttribute("aria-label", entry.hint);
        button.title = entry.hint;
        const image = button.firstChild;
        if (image.getAttribute("src") !== entry.src) image.src = entry.src;
        image.alt = "";
        button.lastChild.textContent = entry.label;
    });
    roving(root, () => [...root.children], data.columns);
};

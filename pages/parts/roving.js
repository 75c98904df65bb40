// One Tab stop for many things to click: arrow keys, Home and End go from one to the next, Enter and Space click.

function roving(root, parts, columns = 1) {
    const stopAt = (chosen) => parts().forEach((part) => { part.tabIndex = part === chosen ? 0 : -1; });
    const every = parts();
    const focused = every.find((part) => part === root.getRootNode().activeElement);
    stopAt(focused ?? every.find((part) => part.getAttribute("aria-pressed") === "true") ?? every[0]);
    root.onkeydown = (event) => {
        const every = parts(), at = every.indexOf(event.target);
        const to = {
            ArrowLeft: at - 1, ArrowRight: at + 1, ArrowUp: at - columns, ArrowDown: at + columns,
            Home: 0, End: every.length - 1,
        }[event.key];
        if (at < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
        if (to !== undefined) {
            event.preventDefault();
            const next = every[to] ?? event.target;
            stopAt(next);
            next.focus();
        } else if (!(event.target instanceof HTMLButtonElement) && (event.key === "Enter" || event.key === " ")) {
            event.preventDefault();
            event.target.click();
        }
    };
}

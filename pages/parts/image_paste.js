// A picture from the clipboard: on Ctrl+V anywhere, or at a click where the browser lets a page read the clipboard.

const listening = new WeakMap();

export default ({ parentElement, data, setTriggerValue }) => {
    const root = parentElement.querySelector(".paste");
    const button = root.querySelector("button"), status = root.querySelector("span");
    const mac = /Mac|iPhone|iPad/.test(navigator.userAgent);
    button.textContent = "Paste from the clipboard";
    const hint = `or press ${mac ? "⌘" : "Ctrl"}+V`;
    const say = (text) => { status.textContent = text; };
    say(hint);

    const take = (blob) => {
        if (blob.size > data.most * 2 ** 20) {
            say(`The picture has more than ${data.most} MB: use a smaller one.`);
            return;
        }
        const reader = new FileReader();
        reader.onload = () => { say(hint); setTriggerValue("image", reader.result); };
        reader.readAsDataURL(blob);
    };
    const paste = (event) => {
        const files = [...(event.clipboardData?.items ?? [])].filter((item) => item.type.startsWith("image/"));
        if (files.length) {
            event.preventDefault();
            take(files[0].getAsFile());
        }
    };
    button.onclick = async () => {
        try {
            for (const item of await navigator.clipboard.read()) {
                const type = item.types.find((type) => type.startsWith("image/"));
                if (type) return take(await item.getType(type));
            }
            say("There is no picture in the clipboard: copy one first.");
        } catch {
            say(`The browser does not let a page read the clipboard: press ${mac ? "⌘" : "Ctrl"}+V.`);
        }
    };
    document.removeEventListener("paste", listening.get(root));
    listening.set(root, paste);
    document.addEventListener("paste", paste);
    return () => document.removeEventListener("paste", paste);
};

// A camera that takes a picture at a click, and several a second while its button is held.

const SIDE = 360, PAUSE = 300; // pixels of the square that is sent, milliseconds between two pictures
const cameras = new WeakMap();

function take(camera) {
    const { video, canvas } = camera;
    const side = Math.min(video.videoWidth, video.videoHeight);
    if (!side || camera.pictures.length >= camera.most) return;
    const left = (video.videoWidth - side) / 2, top = (video.videoHeight - side) / 2;
    canvas.getContext("2d").drawImage(video, left, top, side, side, 0, 0, SIDE, SIDE);
    camera.pictures.push(canvas.toDataURL("image/jpeg", 0.9));
    camera.count.textContent = camera.pictures.length;
}

function start(camera) {
    const failed = () => {
        camera.message.textContent = "The camera could not be used. Allow it in the browser, or upload photos.";
    };
    if (!navigator.mediaDevices) return failed();
    const wanted = { video: { width: { ideal: 640 }, facingMode: "environment" } };
    navigator.mediaDevices.getUserMedia(wanted).then((stream) => {
        camera.stream = stream;
        if (camera.gone) return stop(camera);
        camera.video.srcObject = stream;
        camera.button.disabled = false;
    }).catch(failed);
}

function stop(camera) {
    camera.gone = true;
    clearInterval(camera.timer);
    camera.stream?.getTracks().forEach((track) => track.stop());
}

export default ({ parentElement, data, setTriggerValue }) => {
    const root = parentElement.querySelector(".camera");
    let camera = cameras.get(root);
    if (!camera) {
        const of = (name) => root.querySelector(name);
        camera = {
            video: of("video"), canvas: document.createElement("canvas"), button: of("button"),
            count: of(".count"), message: of(".message"), pictures: [], timer: 0,
        };
        camera.canvas.width = camera.canvas.height = SIDE;
        cameras.set(root, camera);
        start(camera);
    }
    camera.most = data.most;
    const begin = (event) => {
        if (camera.timer || event.repeat || (event.key && !" Enter".includes(event.key))) return;
        event.preventDefault();
        camera.pictures = [];
        take(camera);
        camera.timer = setInterval(() => take(camera), PAUSE);
    };
    const end = () => {
        if (!camera.timer) return;
        clearInterval(camera.timer);
        camera.timer = 0;
        camera.count.textContent = "";
        if (camera.pictures.length) setTriggerValue("pictures", camera.pictures);
    };
    camera.button.onpointerdown = camera.button.onkeydown = begin;
    camera.button.onpointerup = camera.button.onpointercancel = camera.button.onpointerleave = end;
    camera.button.onkeyup = camera.button.onblur = end;
    return () => stop(camera);
};

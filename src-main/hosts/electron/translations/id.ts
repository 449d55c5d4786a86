import { createFormatters } from './formatters.ts';
import type { Messages } from './messages.ts';

const { count, list } = createFormatters('id');

export const indonesian: Messages = {
  menu: {
    file: 'Berkas',
    edit: 'Edit',
    view: 'Tampilan',
    go: 'Buka',
    window: 'Jendela',
    help: 'Bantuan',
    about: 'Tentang Session Desk',
    services: 'Layanan',
    hide: 'Sembunyikan Session Desk',
    hideOthers: 'Sembunyikan Lainnya',
    unhide: 'Tampilkan Semua',
    quitProgram: 'Keluar dari Session Desk',
    quit: 'Keluar',
    exit: 'Keluar',
    close: 'Tutup Jendela',
    undo: 'Urungkan',
    redo: 'Ulangi',
    cut: 'Potong',
    copy: 'Salin',
    paste: 'Tempel',
    selectAll: 'Pilih Semua',
    reload: 'Muat Ulang',
    toggleDevTools: 'Alat Pengembang',
    resetZoom: 'Ukuran Sebenarnya',
    zoomIn: 'Perbesar',
    zoomOut: 'Perkecil',
    togglefullscreen: 'Layar Penuh',
    minimize: 'Kecilkan',
    zoom: 'Zum',
    front: 'Bawa Semua ke Depan',
    openPalette: 'Palet Perintah',
    searchSessions: 'Cari Sesi',
    addSession: 'Tambah Sesi…',
    importSessions: 'Impor Sesi…',
    applyWebhookEvent: 'Terapkan Peristiwa Webhook…',
    addConnection: 'Hubungkan Penyedia…',
    verifyAudit: 'Verifikasi Log Audit',
    exportAudit: 'Ekspor Log Audit…',
    goSessions: 'Sesi',
    goBatches: 'Batch',
    goAudit: 'Audit',
    goConnections: 'Koneksi',
    goSettings: 'Pengaturan',
    showShortcuts: 'Papan Ketik',
  },
  notification: {
    needsAttention: (batch) => `Batch ${count(batch)} memerlukan Anda`,
    finished: (batch) => `Batch ${count(batch)} selesai`,
    stopped: (batch) => `Batch ${count(batch)} dihentikan`,
    paused: (connection) => `${connection} dijeda.`,
    recommendedActions: {
      replace_secret: 'Rahasianya tidak diterima: ganti rahasianya.',
      unlock_keychain: 'Keychain terkunci: buka kuncinya.',
      unlock_connection: 'Koneksi terkunci: buka kuncinya.',
      check_network: 'Penyedia tidak dapat dihubungi: periksa jaringan.',
      ask_provider: 'Penyedia menolak: tanyakan apa yang salah.',
      free_disk: 'Disk penuh: kosongkan sebagian.',
      look_at_outcomes: 'Terlalu banyak sesi gagal: tinjau hasilnya.',
    },
    cancelled: (cancelled, eligible) => `${count(cancelled)} dari ${count(eligible)} sesi dibatalkan.`,
    unknown: (sessions) => `Hasil ${count(sessions)} sesi tidak diketahui.`,
  },
  quit: {
    message: (batches) => `Batch ${list(batches)} sedang berjalan. Tetap keluar?`,
    detail: (remaining) =>
      `Yang sedang berjalan dicatat, dan tidak ada lagi yang dikirim: ${count(remaining)} sesi belum diminta. ` +
      'Saat konsol dijalankan lagi, batch ditampilkan sebagai terputus, dan tidak ada yang berlanjut sampai Anda memintanya.',
    keepRunning: 'Biarkan berjalan',
    quit: 'Keluar',
  },
  rendererCrashed: {
    message: 'Jendela berhenti bekerja dan dimuat ulang.',
    detail: 'Tidak ada yang sudah dikirim hilang: pembatalan berjalan dan dicatat di luar jendela.',
    button: 'Lanjutkan',
  },
  fatalError: {
    title: 'Session Desk harus ditutup',
    body:
      'Konsol mengalami gangguan sehingga tidak dapat berlanjut. Yang sudah dikirim tercatat; jalankan lagi, dan konsol membaca ulang ' +
      'di penyedia apa pun yang belum tuntas. Berkas desk.log di folder datanya menunjukkan di mana gangguan itu terjadi.',
  },
};

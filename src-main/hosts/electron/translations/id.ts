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
    openPalette: 'Perintah',
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
    showShortcuts: 'Pintasan Papan Ketik',
  },
  notification: {
    needsAttention: (batch) => `Batch ${count(batch)} perlu perhatian`,
    finished: (batch) => `Batch ${count(batch)} selesai`,
    stopped: (batch) => `Batch ${count(batch)} dihentikan`,
    paused: (connection) => `${connection} dijeda.`,
    recommendedActions: {
      replace_secret: 'Rahasianya tidak ada atau tidak diterima. Ganti rahasianya.',
      unlock_keychain: 'Keychain terkunci. Buka kuncinya.',
      unlock_connection: 'Koneksi terkunci. Buka kuncinya.',
      check_network: 'Penyedia tidak dapat dihubungi. Periksa jaringan.',
      ask_provider: 'Penyedia menolak permintaan. Hubungi penyedia.',
      free_disk: 'Disk penuh. Kosongkan ruang disk.',
      look_at_outcomes: 'Terlalu banyak sesi gagal. Tinjau hasilnya.',
    },
    cancelled: (cancelled, eligible) => `${count(cancelled)} dari ${count(eligible)} sesi dibatalkan.`,
    unknown: (sessions) => `Hasil ${count(sessions)} sesi tidak diketahui.`,
  },
  quit: {
    message: (batches) => `Batch ${list(batches)} sedang berjalan. Tetap keluar?`,
    detail: (remaining) =>
      'Pembatalan yang sedang berlangsung dicatat, dan tidak ada lagi yang dikirim. ' +
      `${count(remaining)} sesi masih menunggu. ` +
      'Saat Session Desk dijalankan lagi, batch ditampilkan sebagai terputus. ' +
      'Tidak ada yang berlanjut sampai Anda melanjutkannya.',
    keepRunning: 'Biarkan berjalan',
    quit: 'Keluar',
  },
  confirmation: {
    cancel: 'Batal',
    warning: 'Jika bukan Anda yang memulai tindakan ini, pilih Batal.',
    field: (label, value) => `${label}: ${value}`,
    count,
    labels: {
      name: 'Nama',
      address: 'Alamat',
      newAddress: 'Alamat baru',
      storedFor: 'Alamat sebelumnya',
      folder: 'Folder',
      backup: 'Cadangan',
      sessions: 'Sesi',
      connections: 'Koneksi',
    },
    unknown: 'tidak diketahui',
    actions: {
      connectionDestination: {
        message: 'Izinkan koneksi memakai alamat baru?',
        explanation: 'Session Desk mengirim ID sesi dan rahasia koneksi ke alamat ini.',
        confirm: 'Izinkan alamat',
      },
      feedDestination: {
        message: 'Izinkan umpan memakai alamat baru?',
        explanation:
          'Session Desk membaca sesi dari alamat ini. Jika umpan memiliki rahasia, rahasia itu dikirim ke sana.',
        confirm: 'Izinkan alamat',
      },
      feedFolder: {
        message: 'Izinkan umpan membaca folder?',
        explanation: 'Session Desk membaca berkas di folder ini dan mengimpor sesi darinya.',
        confirm: 'Izinkan folder',
      },
      secretDestination: {
        message: 'Kirim rahasia ke alamat lain?',
        explanation: 'Rahasia yang tersimpan diganti. Rahasia baru dikirim ke alamat baru.',
        confirm: 'Ganti rahasia',
      },
      restoreBackup: {
        message: 'Pulihkan cadangan?',
        explanation:
          'Sesi, catatan, batch, dan koneksi kembali ke keadaannya saat itu. ' +
          'Basis data saat ini disimpan sebagai berkas terpisah.',
        confirm: 'Pulihkan cadangan',
      },
      deleteBackup: {
        message: 'Hapus cadangan?',
        explanation: 'Setelah itu, cadangan tidak dapat dipulihkan.',
        confirm: 'Hapus cadangan',
      },
      productionBatch: {
        message: 'Batalkan sesi pembayaran yang sebenarnya?',
        explanation: 'Batch membatalkan sesi produksi milik pelanggan. Pembatalan tidak dapat diurungkan.',
        confirm: 'Mulai batch',
      },
    },
  },
  rendererCrashed: {
    message: 'Jendela berhenti bekerja dan dimuat ulang.',
    detail: 'Tidak ada yang hilang dari yang sudah dikirim. Pembatalan berjalan dan dicatat di luar jendela.',
    button: 'Lanjutkan',
  },
  fatalError: {
    title: 'Session Desk harus ditutup',
    body:
      'Terjadi masalah tak terduga dan Session Desk tidak dapat berlanjut. Semua yang sudah dikirim tercatat. ' +
      'Jalankan Session Desk lagi. Session Desk lalu memeriksa status pembatalan yang belum selesai ke penyedia. ' +
      'Berkas desk.log di folder data menunjukkan di mana masalah itu terjadi.',
  },
};
